namespace VfioPm;

/// <summary>How far a reset of a function reaches (PCI Express Base, section 6.6), narrowest first.</summary>
public enum ResetKind
{
    /// <summary>Leaving D3hot without No_Soft_Reset (PCI Power Management 1.2, section 5.4.1).</summary>
    Soft,

    /// <summary>The function alone, on software's demand (FLR).</summary>
    FunctionLevel,

    /// <summary>All that hangs on the bus: the secondary bus reset of the bridge above ("hot reset").</summary>
    Bus,

    /// <summary>Power was lost ("cold reset").</summary>
    PowerLoss,
}
