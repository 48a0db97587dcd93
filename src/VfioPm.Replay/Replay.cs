using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Plays one recording on a model of its own.</summary>
public static class Replay
{
    /// <summary>The events of the recording beside the model's, one by one.</summary>
    /// <exception cref="RecordingException">
    /// The recording makes no sense; the message names the file and the line.
    /// </exception>
    public static IEnumerable<ReplayedEvent> Play(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        return Play(recording, PlayerOf(recording, begins: null));
    }

    /// <summary>What the model made of all events of the recording, as a picture.</summary>
    /// <exception cref="RecordingException">The same.</exception>
    public static Picture Draw(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        IRecordingPlayer player = PlayerOf(recording, begins: null);
        player.KeepReasons();
        foreach (ReplayedEvent _ in Play(recording, player))
        {
            // What differs is for vfio-pm replay to say.
        }

        return recording.AtHeader(() => player.Draw(recording.Header.Optional<string>("name") ?? recording.Place));
    }

    /// <summary>A player for a recording.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="begins">Is shown the host that it begins on, where there is one.</param>
    internal static IRecordingPlayer PlayerOf(Recording recording, Action<SimulatedHost>? begins) => recording.AtHeader(() =>
    {
        IRecordingPlayer player = RecordingFormats.CreatePlayer(recording.Header, begins);
        return recording.Events.Count > 0 ? player : throw new RecordingException("the recording has no event");
    });

    internal static IEnumerable<ReplayedEvent> Play(Recording recording, IRecordingPlayer player)
    {
        StateLists lists = recording.AtHeader(() => new StateLists(recording.Header));
        for (int i = 0; i < recording.Events.Count; i++)
        {
            JsonObject recorded = recording.Events[i];
            yield return recording.AtEvent(i, () => player.Play(lists.Fill(recorded)));
        }
    }
}
