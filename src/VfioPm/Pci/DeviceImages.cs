namespace VfioPm;

/// <summary>Images of functions that everybody can have: those of an emulator (QEMU), as they were recorded.</summary>
public static class DeviceImages
{
    private static readonly PciAddress PortAddress = PciAddress.Parse("0000:00:03.0");
    private static readonly PciAddress EndpointAddress = PciAddress.Parse("0000:01:00.0");

    /// <summary>The emulator's root port (1b36:000c) at 0000:00:03.0. It has no Power Management capability.</summary>
    public static DeviceImage EmulatedRootPort { get; } = Load("e1000e.txt", PortAddress).WithBarSize(0, 0x1000);

    /// <summary>
    /// The same root port with what all real ones have (PCI Express Base, section 7.5.2 demands it): a Power
    /// Management capability, with No_Soft_Reset and PME# from D0, D3hot and D3cold.
    /// </summary>
    public static DeviceImage RootPort { get; } =
        EmulatedRootPort.WithPowerManagement(capabilities: 0xc803, PmRegisters.NoSoftReset);

    /// <summary>
    /// A network card (8086:10d3) at 0000:01:00.0: D3hot without No_Soft_Reset, MSI, MSI-X, no FLR, no PME#.
    /// </summary>
    public static DeviceImage E1000E { get; } = Load("e1000e.txt", EndpointAddress)
        .WithBarSize(0, 0x2_0000)
        .WithBarSize(1, 0x2_0000)
        .WithBarSize(2, 0x20)
        .WithBarSize(3, 0x4000)
        .WithBarSize(Bar.RomIndex, 0x4_0000);

    /// <summary>An NVMe drive (1b36:0010) at 0000:01:00.0: No_Soft_Reset, FLR, MSI-X.</summary>
    public static DeviceImage Nvme { get; } = Load("nvme.txt", EndpointAddress).WithBarSize(0, 0x4000);

    /// <summary>
    /// An NVMe drive with up to two virtual functions, 0000:01:00.1 and 0000:01:00.2: otherwise as <see cref="Nvme"/>,
    /// physical and virtual.
    /// </summary>
    public static DeviceImage SriovNvme { get; } = Load("nvme-sriov.txt", EndpointAddress)
        .WithBarSize(0, 0x4000)
        .WithVirtualFunctions(Load("nvme-sriov.txt", PciAddress.Parse("0000:01:00.1")).WithBarSize(0, 0x4000));

    private static DeviceImage Load(string name, PciAddress address)
    {
        using Stream stream = typeof(DeviceImages).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {name}.");
        using var reader = new StreamReader(stream);
        return DeviceImage.FromLspci(reader.ReadToEnd(), address);
    }
}
