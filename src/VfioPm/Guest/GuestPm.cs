namespace VfioPm;

/// <summary>
/// A guest's PCI power management of a virtual device (<c>drivers/pci/pci.c</c>, <c>pci-driver.c</c> in the guest), as far as
/// it differs from none: the guest knows of no port above, and its accesses may take as long as the host's calls do.
/// </summary>
internal static class GuestPm
{
    /// <summary>
    /// The driver's callback, then the configuration is saved, the device goes to D3hot, and its power resource, if it has
    /// one, is switched off (<c>pci_pm_runtime_suspend()</c>).
    /// </summary>
    public static async KernelCall<KernelResult> RuntimeSuspend(GuestDevice device)
    {
        KernelResult error = await device.Driver.Invoke(RuntimePmCallback.Suspend);
        if (error.Value != 0)
        {
            return error;
        }

        await device.Configuration.Save();
        await PowerDown(device);
        if (device.Virtual.PowerResource is { } resource)
        {
            await resource.TurnOff();
            device.PowerState = resource.IsOn ? device.PowerState : PowerState.D3Cold;
        }

        return KernelResult.Success;
    }

    /// <summary>
    /// The device goes to D0 and gets what it lost of its configuration back; then comes the driver's callback, even for a
    /// device that does not answer (<c>pci_pm_runtime_resume()</c>).
    /// </summary>
    public static async KernelCall<KernelResult> RuntimeResume(GuestDevice device)
    {
        await PowerUp(device);
        await device.Configuration.Restore();
        return await device.Driver.Invoke(RuntimePmCallback.Resume);
    }

    /// <summary>
    /// Brings the device to D0: first the power resource, then PMCSR with the delay that the specification demands
    /// (<c>pci_power_up()</c>).
    /// </summary>
    /// <returns>0; -EIO if nobody answers.</returns>
    public static async KernelCall<KernelResult> PowerUp(GuestDevice device)
    {
        if (device.Virtual.PowerResource is { } resource)
        {
            await resource.TurnOn();
        }

        PowerState state = PowerState.D0;
        if (device.Configuration.PmOffset is not null)
        {
            state = await device.Configuration.ReadState();
            if (state is not PowerState.D0 and not PowerState.D3Cold)
            {
                await device.Configuration.WriteState(PowerState.D0);
                await device.Guest.RuntimePm.Kernel.Delay(GuestConfiguration.TransitionDelay(state));
                state = await device.Configuration.ReadState();
            }
        }

        device.PowerState = state;
        return state == PowerState.D3Cold ? Errno.EIO : KernelResult.Success;
    }

    /// <summary>
    /// Puts the device to D3hot through PMCSR, where it has one, and looks after the delay whether it went
    /// (<c>pci_set_low_power_state()</c>).
    /// </summary>
    public static async KernelCall PowerDown(GuestDevice device)
    {
        if (device.Configuration.PmOffset is not null)
        {
            await device.Configuration.WriteState(PowerState.D3Hot);
            await device.Guest.RuntimePm.Kernel.Delay(GuestConfiguration.TransitionDelay(PowerState.D3Hot));
            device.PowerState = await device.Configuration.ReadState();
        }
    }
}
