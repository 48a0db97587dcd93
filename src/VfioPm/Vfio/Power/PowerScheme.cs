namespace VfioPm;

/// <summary>Who changes the power state of a function that vfio-pci has, and when.</summary>
internal enum PowerScheme
{
    /// <summary>Before the RFC: vfio-pci and its user (<see cref="DirectPower"/>).</summary>
    Direct,

    /// <summary>The RFC: runtime PM, also when the user writes to PMCSR (<see cref="RfcV1Power"/>).</summary>
    RfcV1,

    /// <summary>Its second version (<see cref="RfcV2Power"/>).</summary>
    RfcV2,

    /// <summary>What it became: runtime PM, and the user's writes besides (<see cref="RuntimePower"/>).</summary>
    Runtime,
}
