namespace VfioPm;

/// <summary>
/// Is told what the users of devices do about power, and what they are told (<see cref="VfioPciDriver.Events"/>). A listener says
/// what it wants to hear of; the rest passes it by.
/// </summary>
public interface IVfioListener : IForkable
{
    /// <summary>
    /// A user opened or closed the device, or a call of his ended: <see cref="VfioPciDevice.PowerStateShown"/> says what
    /// he sees now.
    /// </summary>
    void OnUserCall(VfioPciDevice device)
    {
    }

    /// <summary>The user asks for a power state in PMCSR, whether or not the device goes there.</summary>
    void OnPowerStateAsked(VfioPciDevice device, PowerState state)
    {
    }

    /// <summary>
    /// The user permits low power, and is to be told of its end by <see cref="VfioPciDevice.WakeupEventFd"/> if there is one.
    /// </summary>
    void OnLowPowerPermitted(VfioPciDevice device)
    {
    }

    /// <summary>The user no longer permits low power: he said so, or closes the device.</summary>
    void OnLowPowerTakenBack(VfioPciDevice device)
    {
    }

    /// <summary>The kernel tells the user that the device was woken.</summary>
    void OnWakeupTold(VfioPciDevice device)
    {
    }
}
