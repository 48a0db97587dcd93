namespace VfioPm;

/// <summary>
/// The attributes of functions of PCI Express that tell about their link (<c>pcie_dev_attrs</c>). Those that are read from the
/// hardware wake the function.
/// </summary>
internal static class LinkAttributes
{
    private const int WidthShift = 4;
    private const uint WidthMask = 0x3f;
    private const uint UnknownWidth = 0xff;
    private const int Fastest = 6;

    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("current_link_speed") { IsThere = IsExpress, Show = ShowSpeed },
        new("current_link_width") { IsThere = IsExpress, Show = ShowWidth },
        new("max_link_speed") { IsThere = IsExpress, Show = ShowSpeedLimit },
        new("max_link_width") { IsThere = IsExpress, Show = ShowWidthLimit },
    ];

    private static bool IsExpress(PciDevice device) => device.Express is not null;

    private static async KernelCall<SysfsResult> ShowSpeed(PciDevice device)
    {
        uint status = await Read(device, ExpressRegisters.LinkStatus);
        return device.IsDisconnected ? Errno.EINVAL : NameOf((int)(status & ExpressRegisters.LinkCapabilitiesSpeed));
    }

    private static async KernelCall<SysfsResult> ShowWidth(PciDevice device)
    {
        uint status = await Read(device, ExpressRegisters.LinkStatus);
        return device.IsDisconnected ? Errno.EINVAL : $"{WidthIn(status)}";
    }

    /// <summary><c>pcie_get_width_cap()</c>.</summary>
    private static async KernelCall<SysfsResult> ShowWidthLimit(PciDevice device)
    {
        uint capabilities = await Read(device, ExpressRegisters.LinkCapabilities);
        return $"{(device.IsDisconnected || capabilities == 0 ? UnknownWidth : WidthIn(capabilities))}";
    }

    /// <summary>What later kernels looked up when they found the function.</summary>
    private static async KernelCall<SysfsResult> ShowSpeedLimit(PciDevice device)
    {
        if (!device.Bus.Rules.RemembersLinkSpeeds)
        {
            await Read(device, ExpressRegisters.LinkCapabilities);
        }

        return NameOf(device.Express!.FastestSpeed(device.Bus.Rules));
    }

    /// <summary>What is in no link has no registers of one, as far as the kernel knows.</summary>
    private static async KernelCall<uint> Read(PciDevice device, int register)
    {
        uint value = await device.HostConfig.ReadAwake(
            device.Express!.Offset + register, register == ExpressRegisters.LinkStatus ? 2 : 4);
        return device.Express.HasLinkControl ? value : 0;
    }

    private static uint WidthIn(uint register) => (register >> WidthShift) & WidthMask;

    private static SysfsResult NameOf(int speed) => speed switch
    {
        1 => "2.5 GT/s PCIe",
        2 => "5.0 GT/s PCIe",
        >= 3 and <= Fastest => $"{8 << (speed - 3)}.0 GT/s PCIe",
        _ => "Unknown",
    };
}
