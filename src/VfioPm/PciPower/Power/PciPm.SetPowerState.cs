namespace VfioPm;

/// <summary>The PCI core's power management of a function (<c>drivers/pci/pci.c</c>, <c>pci-driver.c</c>).</summary>
public static partial class PciPm
{
    /// <summary>Changes a function's power state through PMCSR and the platform (<c>pci_set_power_state()</c>).</summary>
    /// <returns>
    /// 0, for D1 and D2 of a function that a quirk keeps out of them too; -EINVAL on a way that there is not; -EIO where the function
    /// does not do it.
    /// </returns>
    public static async KernelCall<int> SetPowerState(PciPmDevice device, PowerState state)
    {
        // There is nothing deeper.
        state = state > PowerState.D3Cold ? PowerState.D3Cold : state;
        bool isForbidden = state is PowerState.D1 or PowerState.D2 && HasNoD1D2(device);
        if (isForbidden || device.PowerState == state)
        {
            return 0;
        }

        if (state == PowerState.D0)
        {
            return await SetFullPowerState(device);
        }

        if (state >= PowerState.D3Hot && device.Quirks.HasNoD3)
        {
            return 0;
        }

        // D3cold is D3hot with the power cut afterwards.
        int error = await SetLowPowerState(device, state == PowerState.D3Cold ? PowerState.D3Hot : state);
        if (await SetPlatformState(device, state) < 0)
        {
            if (device.Power.Pm is null)
            {
                device.Power.Believe(PowerState.D0);
            }

            return error;
        }

        await UpdateState(device, state);
        if (state == PowerState.D3Cold && device.PowerState == PowerState.D3Cold)
        {
            using (device.Kernel.Clock.Because(new Cause("power switched off", device.Name)))
            {
                // pci_bus_set_current_state(): what is below a bridge without power is without power.
                device.ForEachBelow<PciPmDevice>(static below => below.Power.Believe(PowerState.D3Cold));
            }
        }

        return 0;
    }

    /// <summary>Neither it nor the bridge above may be in between (<c>pci_no_d1d2()</c>).</summary>
    private static bool HasNoD1D2(PciPmDevice device) => device.Quirks.HasNoD1D2 || device.Upstream is { Quirks.HasNoD1D2: true };

    /// <summary>
    /// Asks the firmware for a state (<c>acpi_pci_set_power_state()</c>); D3cold that it does not have becomes D3hot. There is no way up
    /// but to D0.
    /// </summary>
    /// <returns>0, or an error where it can do nothing.</returns>
    private static KernelCall<int> SetPlatformState(PciPmDevice device, PowerState state) =>
        device.Power.Platform is not { } platform || state is PowerState.D1 or PowerState.D2 ? -Errno.ENODEV
        : state != PowerState.D0 && state < platform.State ? -Errno.ENODEV
        : platform.SetState(state <= platform.DeepestState ? state : platform.DeepestState);

    /// <summary><c>pci_set_full_power_state()</c>.</summary>
    private static async KernelCall<int> SetFullPowerState(PciPmDevice device)
    {
        int result = await PowerUp(device);
        if (result < 0)
        {
            return device.PowerState == PowerState.D0 ? 0 : result;
        }

        PowerState state = StateIn(await ReadPmcsr(device));
        device.Power.Believe(state);
        if (state != PowerState.D0)
        {
            PciPowerLog.Refused(device.Logger, device.Name, state.KernelName, "D0");
        }
        else if (result > 0)
        {
            // The function may be uninitialised; at least its BARs are needed.
            await RestoreBars(device);
        }

        return 0;
    }

    /// <summary>Puts a function to a sleep state, at most D3hot, by PMCSR (<c>pci_set_low_power_state()</c>).</summary>
    private static async KernelCall<int> SetLowPowerState(PciPmDevice device, PowerState state)
    {
        int obstacle =
            device.Power.Pm is null ? -Errno.EIO
            : device.PowerState <= PowerState.D3Cold && device.PowerState > state ? -Errno.EINVAL
            : !device.Power.Pm.Supports(state) ? -Errno.EIO
            : 0;
        if (obstacle < 0 || device.PowerState == state)
        {
            return obstacle;
        }

        uint pmcsr = await ReadPmcsr(device);
        if (pmcsr == NoAnswer)
        {
            PciPowerLog.Inaccessible(device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
            device.Power.Believe(PowerState.D3Cold);
            return -Errno.EIO;
        }

        await WritePmcsr(device, (pmcsr & ~(uint)PmRegisters.StateMask) | (uint)state);
        await AwaitTransition(device, state);

        PowerState reached = StateIn(await ReadPmcsr(device));
        device.Power.Believe(reached);
        if (reached != state)
        {
            PciPowerLog.Refused(device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
        }

        return 0;
    }
}
