namespace VfioPm;

/// <summary>
/// Is told of every power state that the kernel comes to believe in, and of those that the hardware is in
/// (<see cref="PciTopology.Events"/>). A listener says what it wants to hear of; the rest passes it by.
/// </summary>
public interface IPciPowerListener : IForkable
{
    /// <summary>The kernel's view changed from <paramref name="before"/> to what the device says now.</summary>
    void OnPowerState(PciDevice device, PowerState before)
    {
    }

    /// <summary>The hardware changed from <paramref name="before"/> to what <see cref="PciDevice.Hardware"/> says now.</summary>
    void OnHardwareState(PciDevice device, PowerState before)
    {
    }
}
