namespace VfioPm.Tests;

internal static class StateHashes
{
    public delegate void Adding(ref StateHash hash);

    /// <summary>What a hash becomes to which something is added, alone.</summary>
    public static ulong Of(Adding add)
    {
        StateHash hash = StateHash.Empty;
        add(ref hash);
        return hash.Value;
    }
}
