namespace VfioPm;

/// <summary>
/// A guest's <c>runtime_resume</c> of a PCI device (<c>pci_pm_runtime_resume()</c>): the device goes to D0 and gets what
/// it lost of its configuration back; then comes the driver's callback, even for a device that does not answer.
/// </summary>
internal sealed class GuestResumeRoutine : Routine
{
    public static readonly GuestResumeRoutine Instance = new();

    private enum Steps
    {
        Begin,
        PoweredUp,
        Driver,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        GuestDevice device = GuestDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                self.At = (int)Steps.PoweredUp;
                return actor.Call(GuestPowerUpRoutine.Instance, self.Device);
            case Steps.PoweredUp:
                device.Configuration.Restore();
                self.At = (int)Steps.Driver;
                return Flow.Next;
            default:
                CallbackOutcome outcome = device.Driver.Invoke(RuntimePmCallback.Resume, self.Position++);
                return outcome.Duration is { } duration ? Flow.Sleep(duration) : Flow.Return(outcome.Value);
        }
    }
}
