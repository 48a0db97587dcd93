namespace VfioPm;

/// <summary>Is told, besides what the engine does, of every power state that the kernel comes to believe in.</summary>
public abstract class PciPowerObserver : RuntimePmObserver
{
    /// <summary>The kernel's view changed from <paramref name="before"/> to what the device says now.</summary>
    public abstract void OnPowerState(PciDevice device, PowerState before);
}
