using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Plays the events of one recording, in order, on a model of its own.</summary>
internal interface IRecordingPlayer
{
    /// <summary>Does what the event says was done, and tells what the model says came of it.</summary>
    /// <param name="recorded">
    /// The recorded event. Only what was asked for and when is taken from it; all that was answered is the model's.
    /// </param>
    /// <returns>The event, and what came of it.</returns>
    /// <exception cref="RecordingException">The event makes no sense.</exception>
    ReplayedEvent Play(JsonObject recorded);

    /// <summary>Keeps why each device is as it is, for a picture of it; to be called before anything is played.</summary>
    void KeepReasons();

    /// <summary>What happened on the model in all events that were played, as a picture.</summary>
    Picture Draw(string title);
}
