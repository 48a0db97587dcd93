namespace VfioPm;

/// <summary>
/// Is told of every power state that the kernel comes to believe in, and of what becomes of the hardware: its states, its
/// resets, and accesses that it did not answer (<see cref="PciTopology.Events"/>). A listener says what it wants to hear of; the rest passes it by.
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

    /// <summary>A reset, or a loss of power, put registers of the hardware back.</summary>
    void OnReset(PciDevice device, ResetKind kind)
    {
    }

    /// <summary>The hardware did not answer an access to a BAR, or, without one, to configuration space.</summary>
    void OnUnanswered(PciDevice device, int? bar, long offset)
    {
    }
}
