using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>The three views of each function, a line each: the guest's, the kernel's book-keeping, and the registers'.</summary>
internal static class Views
{
    public static string Of(SimulatedHost host)
    {
        var text = new StringBuilder();
        foreach (PciDevice device in host.Devices)
        {
            string guest = VfioPciDriver.TryFind(device)?.PowerStateShown is { } shown ? $"guest reads {shown.KernelName}, " : "";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{device.Name}: {guest}kernel {device.PowerState.KernelName} {device.RuntimeStatus} usage {device.UsageCount}, hardware {device.Hardware.PowerState.KernelName}");
        }

        foreach (KernelThread thread in host.Kernel.Threads)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{thread}");
        }

        return host.Clock.Aliases.In(text.ToString());
    }
}
