namespace VfioPm;

/// <summary>
/// What the kernel did not save but knows how it has to be, and sets whenever it restores a function's configuration. Where
/// the capabilities are it found out when it enumerated the function (<c>aer_cap</c>, <c>acs_cap</c>, <c>rebar_cap</c>).
/// </summary>
internal sealed class RestoredSettings(SavedLayout function)
{
    // Source Validation, Request and Completion Redirect, Upstream Forwarding (PCI Express Base 5.0, section 7.7.8).
    private const uint Isolation = 0x001d;

    private readonly int? _resizableBars = Find(function, ExtendedCapabilityId.ResizableBar);
    private readonly int? _errors = Find(function, ExtendedCapabilityId.AdvancedErrorReporting);
    private readonly int? _accessControl = Find(function, ExtendedCapabilityId.AccessControl);

    // A root port keeps what errors others told it of.
    private readonly bool _isRoot = function.Express is { HasRootControl: true };

    /// <summary>BAR sizes are those of the resources that the kernel assigned (<c>pci_restore_rebar_state()</c>).</summary>
    public KernelCall RestoreBarSizes(IPciConfiguration config) =>
        _resizableBars is { } start ? RestoreBarSizes(config, start) : KernelCall.Returned;

    /// <summary>Errors of before are no errors any more (<c>pci_aer_clear_status()</c>).</summary>
    public KernelCall ClearErrors(IPciConfiguration config) =>
        _errors is { } start ? ClearErrors(config, start, _isRoot) : KernelCall.Returned;

    /// <summary>With an IOMMU, without which there is no vfio, functions are kept apart (<c>pci_enable_acs()</c>).</summary>
    public KernelCall EnableAccessControl(IPciConfiguration config) =>
        _accessControl is { } start ? EnableAccessControl(config, start) : KernelCall.Returned;

    private static int? Find(SavedLayout function, int id) => function.Capabilities.FindExtended(id)?.Offset;

    private static async KernelCall RestoreBarSizes(IPciConfiguration config, int start)
    {
        uint first = await config.Read(start + 0x08, 4);
        for (int i = 0; i < ((first >> 5) & 0x7); i++)
        {
            int offset = start + 0x08 + (8 * i);
            uint control = await config.Read(offset, 4);
            if (SizeOf(config, (int)(control & 0x7)) is { } size)
            {
                await config.Write(offset, 4, (control & ~ResizableBars.SizeMask) | ResizableBars.FieldFor(size));
            }
        }
    }

    private static async KernelCall ClearErrors(IPciConfiguration config, int start, bool isRoot)
    {
        if (isRoot)
        {
            await WriteBack(config, start + 0x30);
        }

        await WriteBack(config, start + 0x10);
        await WriteBack(config, start + 0x04);
    }

    private static async KernelCall EnableAccessControl(IPciConfiguration config, int start)
    {
        uint can = await config.Read(start + 0x04, 2);
        await config.Update(start + 0x06, 2, clear: 0, can & Isolation);
    }

    /// <summary>What is cleared by ones is cleared by what it holds.</summary>
    private static KernelCall WriteBack(IPciConfiguration config, int offset) => config.Update(offset, 4, clear: 0, set: 0);

    private static ulong? SizeOf(IPciConfiguration config, int bar)
    {
        for (int i = 0; i < config.Bars.Count; i++)
        {
            if (config.Bars[i].Index == bar)
            {
                return config.Bars[i].Size;
            }
        }

        return null;
    }
}
