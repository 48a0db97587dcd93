namespace VfioPm;

// PMCSR, and the power state that it tells of.
public static partial class PciPm
{
    // All ones are not a possible value of PMCSR: nobody answers (PCI_POSSIBLE_ERROR()).
    private const uint NoAnswer = 0xffff;

    /// <summary>
    /// Waits after a write of PMCSR as long as the specification demands (PCI PM 1.2, section 5.6.1), or as the kernel knows better.
    /// </summary>
    internal static KernelWait AwaitTransition(PciPmDevice device, PowerState state) => state switch
    {
        PowerState.D3Hot => SleepForD3Hot(device),
        PowerState.D2 => device.Kernel.Delay(TimeSpan.FromMicroseconds(200)),
        _ => KernelWait.Over,
    };

    /// <summary>Up to a fifth more, in whole milliseconds and one at least, so that timers may come together (<c>pci_dev_d3_sleep()</c>).</summary>
    private static KernelWait SleepForD3Hot(PciPmDevice device)
    {
        TimeSpan own = device.Quirks.D3HotDelay(device.D3HotDelay);
        TimeSpan delay = own > device.LeastD3HotDelay ? own : device.LeastD3HotDelay;
        long fifth = (delay.Ticks + (5 * TimeSpan.TicksPerMillisecond / 2)) / (5 * TimeSpan.TicksPerMillisecond);
        TimeSpan slack = TimeSpan.FromMilliseconds(Math.Max(fifth, 1));
        return delay == TimeSpan.Zero ? KernelWait.Over : device.Kernel.Delay(delay + slack, slack);
    }

    /// <summary>
    /// Learns the power state from the platform or from PMCSR, and takes it to be
    /// <paramref name="otherwise"/> where neither can tell (<c>pci_update_current_state()</c>).
    /// </summary>
    private static KernelCall UpdateState(PciPmDevice device, PowerState otherwise)
    {
        if (device.Power.PlatformState != PowerState.D3Cold && device.Power.Pm is not null)
        {
            return UpdateStateByPmcsr(device);
        }

        device.Power.Believe(device.Power.PlatformState == PowerState.D3Cold ? PowerState.D3Cold : otherwise);
        return KernelCall.Returned;
    }

    private static async KernelCall UpdateStateByPmcsr(PciPmDevice device)
    {
        uint pmcsr = await ReadPmcsr(device);
        device.Power.Believe(pmcsr == NoAnswer ? PowerState.D3Cold : StateIn(pmcsr));
    }

    private static KernelCall<uint> ReadPmcsr(PciPmDevice device) => device.Config.Read(device.Power.Pm!.ControlStatusOffset, 2);

    private static KernelCall WritePmcsr(PciPmDevice device, uint value) =>
        device.Config.Write(device.Power.Pm!.ControlStatusOffset, 2, value);

    private static KernelCall UpdatePmcsr(PciPmDevice device, uint clear, uint set) =>
        device.Config.Update(device.Power.Pm!.ControlStatusOffset, 2, clear, set);

    private static PowerState StateIn(uint pmcsr) => (PowerState)(pmcsr & PmRegisters.StateMask);
}
