namespace VfioPm;

/// <summary>
/// What the kernel did not save but knows how it has to be, and sets whenever it restores a function's configuration. Where
/// the capabilities are it found out when it enumerated the function (<c>acs_cap</c>, <c>rebar_cap</c>).
/// </summary>
internal sealed class RestoredSettings(SavedLayout function)
{
    // Source Validation, Request and Completion Redirect, Upstream Forwarding (PCI Express Base 5.0, section 7.7.8).
    private const uint Isolation = 0x001d;

    private readonly int? _resizableBars = Find(function, ExtendedCapabilityId.ResizableBar);
    private readonly int? _accessControl = Find(function, ExtendedCapabilityId.AccessControl);

    /// <summary>BAR sizes are those of the resources that the kernel assigned (<c>pci_restore_rebar_state()</c>).</summary>
    public KernelCall RestoreBarSizes(IPciConfiguration config) =>
        _resizableBars is { } start ? RestoreBarSizes(config, start) : KernelCall.Returned;

    /// <summary>With an IOMMU, without which there is no vfio, functions are kept apart (<c>pci_enable_acs()</c>).</summary>
    public KernelCall EnableAccessControl(IPciConfiguration config) =>
        _accessControl is { } start
            ? config.Update(start + 0x06, 2, clear: 0, config.Found.Ask(start + 0x04, 2) & Isolation)
            : KernelCall.Returned;

    private static int? Find(SavedLayout function, int id) => function.Capabilities.FindExtended(id)?.Offset;

    private static async KernelCall RestoreBarSizes(IPciConfiguration config, int start)
    {
        uint first = await config.Read(start + 0x08, 4);
        for (int i = 0; i < ((first >> 5) & 0x7); i++)
        {
            int offset = start + 0x08 + (8 * i);
            uint control = await config.Read(offset, 4);
            ulong size = SizeOf(config, (int)(control & 0x7));
            await config.Write(offset, 4, ResizableBars.WithSize(control, size));
        }
    }

    /// <summary>One that the kernel did not find has one byte, and so the smallest size.</summary>
    private static ulong SizeOf(IPciConfiguration config, int bar)
    {
        for (int i = 0; i < config.Bars.Count; i++)
        {
            if (config.Bars[i].Index == bar)
            {
                return config.Bars[i].Size;
            }
        }

        return 1;
    }
}
