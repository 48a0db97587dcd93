namespace VfioPm;

/// <summary>A function that a hot reset would reset (<c>struct vfio_pci_dependent_device</c>).</summary>
/// <param name="Group">Its group.</param>
/// <param name="Address">Where it sits.</param>
public readonly record struct DependentDevice(VfioGroup Group, PciAddress Address);

/// <summary>
/// The answer of <c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c> (<c>struct vfio_pci_hot_reset_info</c>).
/// </summary>
/// <param name="Count">How many functions there are.</param>
/// <param name="Devices">The functions; empty where there was no room for all.</param>
public sealed record HotResetInfo(int Count, IReadOnlyList<DependentDevice> Devices)
{
    /// <summary>Bytes in front of the functions, the least <c>argsz</c>.</summary>
    public const uint HeaderSize = 12;

    /// <summary>Bytes of each function.</summary>
    public const uint DeviceSize = 8;

    internal static HotResetInfo Empty { get; } = new(0, []);
}
