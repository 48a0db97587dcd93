namespace VfioPm;

/// <summary>Why something happens: what somebody did, or what became due.</summary>
/// <param name="What">In a few words: "the device is opened", "autosuspend timer".</param>
/// <param name="Device">To which device, if to one.</param>
/// <remarks>Two references and no text made from them, so that naming a cause costs nothing.</remarks>
public readonly record struct Cause(string What, string? Device = null)
{
    /// <summary>"0000:01:00.0: autosuspend timer".</summary>
    public override string ToString() => Device is null ? What : $"{Device}: {What}";
}
