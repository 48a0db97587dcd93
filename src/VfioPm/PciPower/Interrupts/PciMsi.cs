namespace VfioPm;

/// <summary>Message interrupts of a function, as far as those above it have a say (<c>drivers/pci/msi/msi.c</c>).</summary>
internal static class PciMsi
{
    /// <inheritdoc cref="MessageInterrupts.Allocate"/>
    public static int Allocate(PciDevice device, MessageKind kind, int count) =>
        IsSupported(device) ? device.Messages.Allocate(kind, count) : -Errno.EINVAL;

    /// <summary>
    /// Whether neither the function nor a bridge above is forbidden to have any, nor the whole machine (<c>pci_msi_supported()</c>).
    /// </summary>
    public static bool IsSupported(PciDevice device)
    {
        bool isAllowed = device.Messages.AreAllowed && !device.Bus.ForbidsMessages;
        for (PciDevice? bridge = device.Upstream; bridge is not null; bridge = bridge.Upstream)
        {
            isAllowed &= bridge.Bridge is { PassesMessagesOn: true };
        }

        return isAllowed;
    }
}
