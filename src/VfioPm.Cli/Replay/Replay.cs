using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>Plays one recording on a model of its own.</summary>
internal static class Replay
{
    /// <summary>The events of the recording beside the model's, one by one.</summary>
    /// <exception cref="RecordingException">
    /// The recording makes no sense; the message names the file and the line.
    /// </exception>
    public static IEnumerable<ReplayedEvent> Play(string path, Recording recording) =>
        Play(path, recording, PlayerOf(path, recording));

    /// <summary>What the model made of all events of the recording, as a picture.</summary>
    /// <exception cref="RecordingException">The same.</exception>
    public static Picture Draw(string path, Recording recording)
    {
        IRecordingPlayer player = PlayerOf(path, recording);
        foreach (ReplayedEvent _ in Play(path, recording, player))
        {
            // What differs is for vfio-pm replay to say.
        }

        return At(path, 1, () => player.Draw(recording.Header.Optional<string>("name") ?? path));
    }

    private static IRecordingPlayer PlayerOf(string path, Recording recording) =>
        At(path, 1, () => RecordingFormats.CreatePlayer(recording.Header));

    private static IEnumerable<ReplayedEvent> Play(string path, Recording recording, IRecordingPlayer player)
    {
        StateLists lists = At(path, 1, () => new StateLists(recording.Header));
        for (int i = 0; i < recording.Events.Count; i++)
        {
            JsonObject recorded = recording.Events[i];
            yield return At(path, i + Recording.FirstEventLine, () =>
                new ReplayedEvent(lists.Fill(recorded), player.Play(recorded)));
        }
    }

    private static T At<T>(string path, int line, Func<T> play)
    {
        try
        {
            return play();
        }
        catch (RecordingException exception)
        {
            throw exception.At(path, line);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // A value of the right kind that no kernel takes: a negative delay, a name given twice.
            throw new RecordingException(exception.Message, exception).At(path, line);
        }
    }
}
