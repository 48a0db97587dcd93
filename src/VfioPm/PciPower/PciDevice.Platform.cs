namespace VfioPm;

// What the firmware does for the function (drivers/pci/pci-acpi.c, drivers/acpi/device_pm.c).
public sealed partial class PciDevice
{
    /// <summary>What the firmware believes the state to be, or null where it does not manage the function.</summary>
    internal PowerState? PlatformState => Platform?.State;

    /// <summary>
    /// The deepest state that the firmware has and that is allowed (<c>acpi_pci_choose_state()</c>). A function
    /// that can wake the system must stay where it still can.
    /// </summary>
    private PowerState ChoosePlatformState(PlatformPower platform)
    {
        PowerState deepest = platform.DeepestStateFor(platform.CanWake);
        bool mayLosePower = D3ColdAllowed && !NoD3Cold;
        return deepest == PowerState.D3Cold && !mayLosePower ? PowerState.D3Hot : deepest;
    }

    /// <summary>Asks the firmware for a state (<c>acpi_device_set_power()</c>).</summary>
    /// <returns>Whether it could do anything; D3cold that it does not have becomes D3hot.</returns>
    internal bool TrySetPlatformState(PowerState state)
    {
        if (Platform is null || state is PowerState.D1 or PowerState.D2)
        {
            return false;
        }

        Platform.SetState(state <= Platform.DeepestState ? state : Platform.DeepestState);
        return true;
    }
}
