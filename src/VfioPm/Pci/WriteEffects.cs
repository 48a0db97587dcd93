namespace VfioPm;

/// <summary>What hardware does besides keeping the bits when software writes to a dword.</summary>
[Flags]
internal enum WriteEffects : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>PMCSR: the power state changes.</summary>
    PowerState = 1 << 0,

    /// <summary>A bridge: the bus below is reset, or gets its numbers.</summary>
    SecondaryBus = 1 << 1,

    /// <summary>Slot Control: the slot's power is switched, or its interrupt.</summary>
    Slot = 1 << 2,

    /// <summary>Resizable BARs, and those themselves.</summary>
    BarSizes = 1 << 3,

    /// <summary>Root Status: room for the next PME.</summary>
    RootPme = 1 << 4,

    /// <summary>Vital product data is transferred.</summary>
    VitalProductData = 1 << 5,

    /// <summary>Initiate FLR.</summary>
    FunctionLevelReset = 1 << 6,

    /// <summary>The interrupt pin may show its level, or no longer.</summary>
    Pin = 1 << 7,

    /// <summary>Virtual functions come or go.</summary>
    VirtualFunctions = 1 << 8,

    /// <summary>Whose bits say whether there is a way to some function (<see cref="AccessEpoch"/>).</summary>
    Way = SecondaryBus | Slot | VirtualFunctions,
}
