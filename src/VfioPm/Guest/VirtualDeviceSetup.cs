namespace VfioPm;

/// <summary>
/// What is special about the virtual device that a VMM makes of an open vfio device, and about the guest's driver of it.
/// </summary>
public sealed class VirtualDeviceSetup
{
    internal bool HasPowerResource { get; private set; }

    internal bool HasWakeup { get; private set; }

    internal TimeSpan AutosuspendDelay { get; private set; } = TimeSpan.FromSeconds(1);

    internal RuntimePmCallbacks Driver { get; private set; } = new DriverCallbacks();

    /// <summary>
    /// The VMM gives the virtual device an ACPI power resource (<c>_PR0</c>, <c>_PR3</c>), so that the guest can switch
    /// its power off: the VMM then permits low power (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>).
    /// </summary>
    public VirtualDeviceSetup WithPowerResource()
    {
        HasPowerResource = true;
        return this;
    }

    /// <summary>
    /// The same, and the VMM has itself told when the host wakes the device
    /// (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP</c>), and notifies the guest, which resumes it.
    /// </summary>
    public VirtualDeviceSetup WithWakeup()
    {
        HasWakeup = true;
        return WithPowerResource();
    }

    /// <summary>How long the guest's driver lets the device be unused before it sleeps; a second by default.</summary>
    /// <param name="delay">In whole milliseconds; a negative one keeps the device awake, as in the kernel.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is more milliseconds than an <c>int</c> holds.</exception>
    public VirtualDeviceSetup WithAutosuspendDelay(TimeSpan delay)
    {
        _ = KernelTime.Milliseconds(delay, nameof(delay));
        AutosuspendDelay = delay;
        return this;
    }

    /// <summary>What the guest's driver does when its device sleeps, wakes or idles; by default nothing.</summary>
    public VirtualDeviceSetup WithDriver(RuntimePmCallbacks driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Driver = driver;
        return this;
    }
}
