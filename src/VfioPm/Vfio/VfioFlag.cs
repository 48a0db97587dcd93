using System.Collections.Immutable;

namespace VfioPm;

/// <summary>The flags of a device that its user's threads and the kernel's change (<c>struct vfio_pci_core_device</c>).</summary>
internal static class VfioFlag
{
    /// <summary>The user's own DisINTx keeps INTx quiet.</summary>
    public const int IntxDisabled = 0;

    /// <summary>INTx was masked because the device goes to sleep.</summary>
    public const int IntxMaskedForSleep = 1;

    /// <summary>The user permits low power.</summary>
    public const int LowPowerPermitted = 2;

    /// <summary>What the kernel calls them, by number.</summary>
    public static ImmutableArray<string> Names { get; } = ["virq_disabled", "pm_intx_masked", "pm_runtime_engaged"];
}
