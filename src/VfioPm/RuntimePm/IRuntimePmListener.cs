namespace VfioPm;

/// <summary>
/// Is told what the runtime-PM core does (<see cref="RuntimePmCore.Events"/>). A listener says what it wants to hear of; the
/// rest passes it by.
/// </summary>
public interface IRuntimePmListener : IForkable
{
    /// <summary>A trace event, in the kernel's order.</summary>
    void OnTrace(in RpmTraceEvent trace)
    {
    }

    /// <summary>The device's status changed from <paramref name="before"/> to what it says now.</summary>
    void OnStatus(RuntimePmDevice device, RuntimeStatus before)
    {
    }

    /// <summary>The usage count changed from <paramref name="before"/> to what the device says now.</summary>
    void OnUsageCount(RuntimePmDevice device, int before)
    {
    }
}
