namespace VfioPm;

/// <summary>The PCI core's power management of a function (<c>drivers/pci/pci.c</c>, <c>pci-driver.c</c>).</summary>
internal static partial class PciPm
{
    /// <summary>Changes a function's power state through PMCSR and the platform (<c>pci_set_power_state()</c>).</summary>
    /// <returns>0; -EINVAL on a way that there is not; -EIO where the function does not do it.</returns>
    public static async KernelCall<KernelResult> SetPowerState(PciDevice device, PowerState state)
    {
        // A driver may ask for what the function does not have; that is no error.
        bool isMissing = state is PowerState.D1 or PowerState.D2 && !device.HasIntermediateState(state);
        if (isMissing || device.PowerState == state)
        {
            return KernelResult.Success;
        }

        if (state == PowerState.D0)
        {
            return await SetFullPowerState(device);
        }

        // D3cold is D3hot with the power cut afterwards.
        KernelResult error = await SetLowPowerState(device, state == PowerState.D3Cold ? PowerState.D3Hot : state);
        if (!device.TrySetPlatformState(state))
        {
            if (device.Pm is null)
            {
                device.SetCurrentState(PowerState.D0);
            }

            return error;
        }

        device.UpdateCurrentState(state);
        if (device.PowerState == PowerState.D3Cold)
        {
            using (device.Core.Clock.Because(new Cause("power switched off", device.Name)))
            {
                device.SetStateOfAllBelow(PowerState.D3Cold);
            }
        }

        return KernelResult.Success;
    }

    /// <summary><c>pci_set_full_power_state()</c>.</summary>
    private static async KernelCall<KernelResult> SetFullPowerState(PciDevice device)
    {
        KernelResult result = await PowerUp(device);
        if (result.IsError)
        {
            return device.PowerState == PowerState.D0 ? KernelResult.Success : result;
        }

        var state = (PowerState)(device.ReadConfig(device.Pm!.ControlStatusOffset, 2) & PmRegisters.StateMask);
        device.SetCurrentState(state);
        if (state != PowerState.D0)
        {
            PciPowerLog.Refused(device.Logger, device.Name, state.KernelName, "D0");
        }
        else if (result.Value > 0)
        {
            // The function may be uninitialised; at least its BARs are needed.
            device.SavedState.RestoreBars();
        }

        return KernelResult.Success;
    }

    /// <summary>Puts a function to a sleep state, at most D3hot, by PMCSR (<c>pci_set_low_power_state()</c>).</summary>
    private static async KernelCall<KernelResult> SetLowPowerState(PciDevice device, PowerState state)
    {
        KernelResult obstacle =
            device.Pm is null ? Errno.EIO
            : device.PowerState <= PowerState.D3Cold && device.PowerState > state ? Errno.EINVAL
            : !device.Pm.Supports(state) ? Errno.EIO
            : KernelResult.Success;
        if (obstacle.IsError || device.PowerState == state)
        {
            return obstacle;
        }

        if (device.ReadPmcsr() is not { } pmcsr)
        {
            PciPowerLog.Inaccessible(device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
            device.SetCurrentState(PowerState.D3Cold);
            return Errno.EIO;
        }

        device.WritePmcsr((pmcsr & ~PmRegisters.StateMask) | (int)state);
        await device.Core.Kernel.Delay(device.TransitionDelay(state));

        var reached = (PowerState)(device.ReadConfig(device.Pm!.ControlStatusOffset, 2) & PmRegisters.StateMask);
        device.SetCurrentState(reached);
        if (reached != state)
        {
            PciPowerLog.Refused(device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
        }

        return KernelResult.Success;
    }
}
