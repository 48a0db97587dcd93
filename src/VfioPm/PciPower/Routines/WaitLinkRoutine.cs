namespace VfioPm;

/// <summary>
/// Waits until the link below a port is up: 20 ms in which it begins to train, then a look every 10 ms for a second
/// (<c>pcie_wait_for_link_delay()</c>). A port that does not say whether it is gets a second.
/// </summary>
/// <returns>0, or -ENOTTY if the link stayed down.</returns>
internal sealed class WaitLinkRoutine : Routine
{
    public static readonly WaitLinkRoutine Instance = new();

    // Looks in a second.
    private const int Looks = 100;

    private enum Steps
    {
        Begin,
        Look,
        SecondPassed,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice port = PciDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin when !port.ReportsLink:
                self.At = (int)Steps.SecondPassed;
                return Flow.Sleep(TimeSpan.FromSeconds(1));
            case Steps.Begin:
                self.At = (int)Steps.Look;
                return Flow.Sleep(TimeSpan.FromMilliseconds(20));
            case Steps.Look when !port.ReadsLinkActive:
                return self.Position++ == Looks
                    ? Flow.Return(Errno.ENOTTY)
                    : Flow.Sleep(TimeSpan.FromMilliseconds(10));
            default:
                return Flow.Return(0);
        }
    }
}
