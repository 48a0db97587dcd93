namespace VfioPm;

/// <summary>
/// What the RFC became (Linux 5.19 and later): an unused function sleeps as soon as nobody counts it, the guest's
/// D-states are direct again, and every way out of a sleep leads through D0.
/// </summary>
internal sealed class RuntimePowerPolicy : VfioPowerPolicy
{
    public static readonly RuntimePowerPolicy Instance = new();

    public override bool HasPmOps => true;

    public override string? LeftUndoneForSleep(VfioPciDevice device) => device is { IsOpen: true, LowPower.IsEngaged: false }
        ? "has not permitted low power (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY)"
        : null;

    public override Routine? RuntimeSuspend => LowPowerSuspendRoutine.Instance;

    public override Routine? RuntimeResume => LowPowerResumeRoutine.Instance;

    public override void Register(VfioPciDevice device)
    {
        device.SetPowerState(PowerState.D0);
        device.RuntimePm.Allow();
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.Put();
        }
    }

    public override void Unregister(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.GetNoResume();
        }

        device.RuntimePm.Forbid();
    }

    public override KernelResult BeginUse(VfioPciDevice device) => device.Parameters.DisableIdleD3
        ? KernelResult.Success
        : device.RuntimePm.ResumeAndGet();

    public override void AbandonUse(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.Put();
        }
    }

    /// <summary>Every call wakes the device and holds it; a failed resume is told as -EIO, whatever it was.</summary>
    public override KernelResult BeginUserCall(VfioPciDevice device) =>
        device.RuntimePm.ResumeAndGet().IsError ? Errno.EIO : KernelResult.Success;

    public override void EndUserCall(VfioPciDevice device) => device.RuntimePm.Put();

    /// <summary>The core would go to D0 too, but without the configuration that only vfio-pci has.</summary>
    public override void BeforeReset(VfioPciDevice device) => device.SetPowerState(PowerState.D0);

    public override void WakeForClose(VfioPciDevice device)
    {
        device.LowPower.Exit();
        device.RuntimePm.Resume();

        // A reset through D3hot only works from D0.
        device.SetPowerState(PowerState.D0);
    }

    public override void EndUse(VfioPciDevice device, bool wasReset) => AbandonUse(device);

    public override void AfterSetReset(VfioPciDevice member, VfioPciDevice through)
    {
    }

    /// <summary>In D0, whoever put it elsewhere, and nobody puts it to sleep while they are there.</summary>
    public override KernelResult HoldForVirtualFunctions(VfioPciDevice device)
    {
        KernelResult result = device.RuntimePm.ResumeAndGet();
        if (!result.IsError)
        {
            device.SetPowerState(PowerState.D0);
            device.IsKeptAwakeByVirtualFunctions = true;
        }

        return result;
    }

    public override void ReleaseAfterVirtualFunctions(VfioPciDevice device)
    {
        device.RuntimePm.Put();
        device.IsKeptAwakeByVirtualFunctions = false;
    }

    public override KernelResult HoldForReset(DeviceSet members)
    {
        for (int held = 0; held < members.Count; held++)
        {
            KernelResult result = members[held].RuntimePm.ResumeAndGet();
            if (result.IsError)
            {
                while (held-- > 0)
                {
                    members[held].RuntimePm.Put();
                }

                return result;
            }
        }

        return KernelResult.Success;
    }

    public override void ReleaseAfterReset(DeviceSet members)
    {
        foreach (VfioPciDevice member in members)
        {
            member.RuntimePm.Put();
        }
    }
}
