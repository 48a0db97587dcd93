namespace VfioPm;

// What the administrator of the host and the drivers do to a function.
public sealed partial class PciDevice
{
    /// <summary>Configuration space as the host's root sees it.</summary>
    public HostConfiguration HostConfig => new(this);

    /// <summary>The function's attributes in sysfs.</summary>
    public PciSysfs Sysfs => new(this);

    /// <summary>Changes the power state in the calling thread (<c>pci_set_power_state()</c>).</summary>
    internal KernelResult SetPowerState(PowerState state) =>
        Core.Run(SetPowerStateRoutine.Instance, RuntimePm, RpmFlags.None, (int)state);

    internal void SetDriver(PciDriver? driver) => Driver = driver;
}
