namespace VfioPm;

/// <summary>The attributes that bridges have besides (<c>pci_bridge_attrs</c>).</summary>
internal static class BridgeAttributes
{
    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("secondary_bus_number") { IsThere = IsBridge, Show = ShowSecondaryBusNumber },
        new("subordinate_bus_number") { IsThere = IsBridge, Show = ShowSubordinateBusNumber },
        new("reset_subordinate")
        {
            IsThere = static device => device.IsBridge && device.Bus.Rules.HasResetSubordinateAttribute,
            Store = ResetSubordinate,
        },
    ];

    private static bool IsBridge(PciDevice device) => device.IsBridge;

    private static async KernelCall<SysfsResult> ShowSecondaryBusNumber(PciDevice device) =>
        $"{await device.HostConfig.ReadAwake(PciRegisters.SecondaryBus, 1)}";

    private static async KernelCall<SysfsResult> ShowSubordinateBusNumber(PciDevice device) =>
        $"{await device.HostConfig.ReadAwake(PciRegisters.SubordinateBus, 1)}";

    /// <summary>Nobody is woken for it (<c>reset_subordinate_store()</c>).</summary>
    private static async KernelCall<int> ResetSubordinate(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted))
        {
            return -Errno.EINVAL;
        }

        return wanted == 0 ? 0 : await BusReset.TryReset(device);
    }
}
