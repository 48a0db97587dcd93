namespace VfioPm;

/// <summary>
/// What the kernel did not save but knows how it has to be, and sets whenever it restores a function's configuration.
/// </summary>
internal static class RestoredSettings
{
    // Source Validation, Request and Completion Redirect, Upstream Forwarding (PCI Express Base 5.0, section 7.7.8).
    private const uint Isolation = 0x001d;

    /// <summary>BAR sizes are those of the resources that the kernel assigned (<c>pci_restore_rebar_state()</c>).</summary>
    public static KernelCall RestoreBarSizes(IPciConfiguration function) =>
        function.Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar) is { Offset: int start }
            ? RestoreBarSizes(function, start)
            : KernelCall.Returned;

    /// <summary>Errors of before are no errors any more (<c>pci_aer_clear_status()</c>).</summary>
    public static KernelCall ClearErrors(IPciConfiguration function, bool isRoot) =>
        function.Capabilities.FindExtended(ExtendedCapabilityId.AdvancedErrorReporting) is { Offset: int start }
            ? ClearErrors(function, start, isRoot)
            : KernelCall.Returned;

    /// <summary>With an IOMMU, without which there is no vfio, functions are kept apart (<c>pci_enable_acs()</c>).</summary>
    public static KernelCall EnableAccessControl(IPciConfiguration function) =>
        function.Capabilities.FindExtended(ExtendedCapabilityId.AccessControl) is { Offset: int start }
            ? EnableAccessControl(function, start)
            : KernelCall.Returned;

    private static async KernelCall RestoreBarSizes(IPciConfiguration function, int start)
    {
        uint first = await function.Read(start + 0x08, 4);
        for (int i = 0; i < ((first >> 5) & 0x7); i++)
        {
            int offset = start + 0x08 + (8 * i);
            uint control = await function.Read(offset, 4);
            if (SizeOf(function, (int)(control & 0x7)) is { } size)
            {
                await function.Write(offset, 4, (control & ~ResizableBars.SizeMask) | ResizableBars.FieldFor(size));
            }
        }
    }

    private static async KernelCall ClearErrors(IPciConfiguration function, int start, bool isRoot)
    {
        if (isRoot)
        {
            await WriteBack(function, start + 0x30);
        }

        await WriteBack(function, start + 0x10);
        await WriteBack(function, start + 0x04);
    }

    private static async KernelCall EnableAccessControl(IPciConfiguration function, int start)
    {
        uint can = await function.Read(start + 0x04, 2);
        await function.Update(start + 0x06, 2, clear: 0, can & Isolation);
    }

    /// <summary>What is cleared by ones is cleared by what it holds.</summary>
    private static KernelCall WriteBack(IPciConfiguration function, int offset) => function.Update(offset, 4, clear: 0, set: 0);

    private static ulong? SizeOf(IPciConfiguration function, int bar)
    {
        for (int i = 0; i < function.Bars.Count; i++)
        {
            if (function.Bars[i].Index == bar)
            {
                return function.Bars[i].Size;
            }
        }

        return null;
    }
}
