namespace VfioPm;

/// <summary>
/// Waits for a function until it answers configuration reads, in steps of 1, 2, 4, … ms (<c>pci_dev_wait()</c>). The
/// argument is the time to give up after, in milliseconds.
/// </summary>
/// <returns>0, or -ENOTTY if the function never answered.</returns>
internal sealed class WaitReadyRoutine : Routine
{
    /// <summary>A minute: <c>PCIE_RESET_READY_POLL_MS</c>.</summary>
    public const int DefaultTimeout = 60_000;

    public static readonly WaitReadyRoutine AfterResume = new("resume");
    public static readonly WaitReadyRoutine AfterD3Hot = new("power up D3hot->D0uninitialized");
    public static readonly WaitReadyRoutine AfterBusReset = new("bus reset");
    public static readonly WaitReadyRoutine AfterFlr = new("FLR");
    public static readonly WaitReadyRoutine AfterAfFlr = new("AF_FLR");
    public static readonly WaitReadyRoutine AfterPmReset = new("PM D3hot->D0");

    // Milliseconds: PCI_RESET_WAIT. Longer waits are worth a line in the log.
    private const int LongWait = 1000;

    private readonly string _after;

    private WaitReadyRoutine(string after) => _after = after;

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        int next = Math.Max(1, self.Position);
        int waited = next - 1;
        if (device.ReadConfig(PciRegisters.Command, 4) != uint.MaxValue)
        {
            if (next > LongWait)
            {
                PciPowerLog.Ready(device.Logger, device.Name, waited, _after);
            }

            return Flow.Return(0);
        }

        if (next > self.Argument)
        {
            PciPowerLog.NotReady(device.Logger, device.Name, waited, _after);
            return Flow.Return(Errno.ENOTTY);
        }

        if (next > LongWait)
        {
            PciPowerLog.Waiting(device.Logger, device.Name, waited, _after);
        }

        self.Position = 2 * next;
        return Flow.Sleep(TimeSpan.FromMilliseconds(next));
    }
}
