namespace VfioPm;

/// <summary>
/// Is told, besides what the engine does, of every power state that the kernel comes to believe in, and of those that
/// the hardware is in.
/// </summary>
public abstract class PciPowerObserver : RuntimePmObserver
{
    /// <summary>The kernel's view changed from <paramref name="before"/> to what the device says now.</summary>
    public abstract void OnPowerState(PciDevice device, PowerState before);

    /// <summary>The hardware changed from <paramref name="before"/> to what <see cref="PciDevice.Hardware"/> says now.</summary>
    public abstract void OnHardwareState(PciDevice device, PowerState before);
}
