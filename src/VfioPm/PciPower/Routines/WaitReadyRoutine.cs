namespace VfioPm;

/// <summary>
/// Waits for a function that was reset until it answers configuration reads, in steps of 1, 2, 4, … ms
/// (<c>pci_dev_wait()</c>). The argument is the time to give up after, in milliseconds.
/// </summary>
internal sealed class WaitReadyRoutine : Routine
{
    /// <summary>A minute: <c>PCIE_RESET_READY_POLL_MS</c>.</summary>
    public const int DefaultTimeout = 60_000;

    public static readonly WaitReadyRoutine Instance = new();

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        if (device.ReadConfig(PciRegisters.Command, 4) != uint.MaxValue)
        {
            return Flow.Return(0);
        }

        self.Position = self.Position == 0 ? 1 : 2 * self.Position;
        if (self.Position > self.Argument)
        {
            PciPowerLog.NotReady(device.Logger, device.Name, self.Position - 1);
            return Flow.Return(((KernelResult)Errno.ENOTTY).Value);
        }

        return Flow.Sleep(TimeSpan.FromMilliseconds(self.Position));
    }
}
