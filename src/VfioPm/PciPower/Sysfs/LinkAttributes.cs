using System.Numerics;

namespace VfioPm;

/// <summary>
/// The attributes of functions of PCI Express that tell about their link (<c>pcie_dev_attrs</c>). Those that are read from the
/// hardware wake the function.
/// </summary>
internal static class LinkAttributes
{
    private const int WidthShift = 4;
    private const uint WidthMask = 0x3f;
    private const uint SpeedVector = 0xfe;
    private const uint Fastest = 6;

    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("current_link_speed") { IsThere = IsExpress, Show = ShowSpeed },
        new("current_link_width") { IsThere = IsExpress, Show = ShowWidth },
        new("max_link_speed") { IsThere = IsExpress, Show = ShowSpeedLimit },
        new("max_link_width") { IsThere = IsExpress, Show = ShowWidthLimit },
    ];

    private static bool IsExpress(PciDevice device) => device.Express is not null;

    private static async KernelCall<SysfsResult> ShowSpeed(PciDevice device) =>
        NameOf(await Read(device, ExpressRegisters.LinkStatus) & ExpressRegisters.LinkCapabilitiesSpeed);

    private static async KernelCall<SysfsResult> ShowWidth(PciDevice device) =>
        $"{WidthIn(await Read(device, ExpressRegisters.LinkStatus))}";

    private static async KernelCall<SysfsResult> ShowWidthLimit(PciDevice device) =>
        $"{WidthIn(await Read(device, ExpressRegisters.LinkCapabilities))}";

    /// <summary><c>pcie_get_speed_cap()</c>, which later kernels look up once, when they find the function.</summary>
    private static async KernelCall<SysfsResult> ShowSpeedLimit(PciDevice device)
    {
        if (!device.Bus.Rules.RemembersLinkSpeeds)
        {
            await Read(device, ExpressRegisters.LinkCapabilities);
        }

        return NameOf(FastestOf(
            device.Express!.HasSecondRegisters ? Known(device, ExpressRegisters.LinkCapabilities2) : 0,
            Known(device, ExpressRegisters.LinkCapabilities)));
    }

    private static KernelCall<uint> Read(PciDevice device, int register) =>
        device.HostConfig.ReadAwake(device.Express!.Offset + register, register == ExpressRegisters.LinkStatus ? 2 : 4);

    private static uint Known(PciDevice device, int register) =>
        device.Hardware.Configuration.Ask(device.Express!.Offset + register, 4);

    private static uint WidthIn(uint register) => (register >> WidthShift) & WidthMask;

    /// <summary>The highest speed of the vector; before there was one, what Link Capabilities say.</summary>
    private static uint FastestOf(uint capabilities2, uint capabilities) => capabilities2 != 0
        ? (uint)BitOperations.Log2(capabilities2 & SpeedVector)
        : capabilities & ExpressRegisters.LinkCapabilitiesSpeed;

    private static SysfsResult NameOf(uint speed) => speed switch
    {
        1 => "2.5 GT/s PCIe",
        2 => "5.0 GT/s PCIe",
        >= 3 and <= Fastest => $"{8 << (int)(speed - 3)}.0 GT/s PCIe",
        _ => "Unknown",
    };
}
