namespace VfioPm;

// PMCSR, and the power state that it tells of.
public static partial class PciPm
{
    // All ones are not a possible value of PMCSR: nobody answers (PCI_POSSIBLE_ERROR()).
    private const uint NoAnswer = 0xffff;

    /// <summary>
    /// How long a kernel waits after a write of PMCSR: what the specification demands (PCI PM 1.2, section 5.6.1), or what
    /// it knows better.
    /// </summary>
    internal static TimeSpan TransitionDelay(PciPmDevice device, PowerState state) => state switch
    {
        PowerState.D3Hot => D3HotSleep(device),
        PowerState.D2 => TimeSpan.FromMicroseconds(200),
        _ => TimeSpan.Zero,
    };

    /// <summary>A fifth more, in whole milliseconds and one at least, since the timer may be late (<c>pci_dev_d3_sleep()</c>).</summary>
    private static TimeSpan D3HotSleep(PciPmDevice device)
    {
        TimeSpan own = device.Quirks.D3HotDelay(device.Config.D3HotDelay);
        TimeSpan delay = own > device.LeastD3HotDelay ? own : device.LeastD3HotDelay;
        long fifth = (delay.Ticks + (5 * TimeSpan.TicksPerMillisecond / 2)) / (5 * TimeSpan.TicksPerMillisecond);
        return delay == TimeSpan.Zero ? TimeSpan.Zero : delay + TimeSpan.FromMilliseconds(Math.Max(fifth, 1));
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
