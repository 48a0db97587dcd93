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

    public override bool HasOwnCallbacks => true;

    public override async KernelCall Register(VfioPciDevice device)
    {
        await device.SetPowerState(PowerState.D0);
        await PmRuntime.Allow(device.RuntimePm);
        if (!device.Parameters.DisableIdleD3)
        {
            await PmRuntime.Put(device.RuntimePm);
        }
    }

    public override async KernelCall Unregister(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            PmRuntime.GetNoResume(device.RuntimePm);
        }

        await PmRuntime.Forbid(device.RuntimePm);
    }

    public override KernelCall<KernelResult> BeginUse(VfioPciDevice device) => device.Parameters.DisableIdleD3
        ? KernelResult.Success
        : PmRuntime.ResumeAndGet(device.RuntimePm);

    public override async KernelCall AbandonUse(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            await PmRuntime.Put(device.RuntimePm);
        }
    }

    /// <summary>Every call wakes the device and holds it; a failed resume is told as -EIO, whatever it was.</summary>
    public override async KernelCall<KernelResult> BeginUserCall(VfioPciDevice device) =>
        (await PmRuntime.ResumeAndGet(device.RuntimePm)).IsError ? Errno.EIO : KernelResult.Success;

    public override async KernelCall EndUserCall(VfioPciDevice device) => await PmRuntime.Put(device.RuntimePm);

    /// <summary>The core would go to D0 too, but without the configuration that only vfio-pci has.</summary>
    public override async KernelCall BeforeReset(VfioPciDevice device) => await device.SetPowerState(PowerState.D0);

    public override async KernelCall WakeForClose(VfioPciDevice device)
    {
        await device.LowPower.Exit();
        await PmRuntime.Resume(device.RuntimePm);

        // A reset through D3hot only works from D0.
        await device.SetPowerState(PowerState.D0);
    }

    public override KernelCall EndUse(VfioPciDevice device, bool wasReset) => AbandonUse(device);

    public override KernelCall AfterSetReset(VfioPciDevice member, VfioPciDevice through) => KernelCall.Returned;

    /// <summary>In D0, whoever put it elsewhere, and nobody puts it to sleep while they are there.</summary>
    public override async KernelCall<KernelResult> HoldForVirtualFunctions(VfioPciDevice device)
    {
        KernelResult result = await PmRuntime.ResumeAndGet(device.RuntimePm);
        if (!result.IsError)
        {
            await device.Memory.DownWrite();
            await device.SetPowerState(PowerState.D0);
            device.IsKeptAwakeByVirtualFunctions = true;
            device.Memory.UpWrite();
        }

        return result;
    }

    public override async KernelCall ReleaseAfterVirtualFunctions(VfioPciDevice device)
    {
        await PmRuntime.Put(device.RuntimePm);
        device.IsKeptAwakeByVirtualFunctions = false;
    }

    public override async KernelCall<KernelResult> HoldForReset(DeviceSet set)
    {
        for (int held = 0; held < set.Members.Count; held++)
        {
            KernelResult result = await PmRuntime.ResumeAndGet(set.Members[held].RuntimePm);
            if (result.IsError)
            {
                while (held-- > 0)
                {
                    await PmRuntime.Put(set.Members[held].RuntimePm);
                }

                return result;
            }
        }

        return KernelResult.Success;
    }

    public override async KernelCall ReleaseAfterReset(DeviceSet set)
    {
        for (int i = 0; i < set.Members.Count; i++)
        {
            await PmRuntime.Put(set.Members[i].RuntimePm);
        }
    }
}
