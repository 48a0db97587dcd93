namespace VfioPm;

/// <summary>The driver's <c>runtime_resume</c> since Linux 6.1 (<c>vfio_pci_core_runtime_resume()</c>).</summary>
internal sealed class LowPowerResumeRoutine : Routine
{
    public static readonly LowPowerResumeRoutine Instance = new();

    public override Flow Step(Actor actor, ref Activation self)
    {
        VfioPciDriver.DeviceOf(self.Device).LowPower.AfterWake();
        return Flow.Return(0);
    }
}
