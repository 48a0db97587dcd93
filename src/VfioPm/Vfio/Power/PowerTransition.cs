namespace VfioPm;

/// <summary>What a change of the power state does to a function's configuration, beyond the PCI core's part.</summary>
internal enum PowerTransition
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>It was saved, and is kept if the function gets into D3.</summary>
    Saves,

    /// <summary>It comes back.</summary>
    Restores,
}
