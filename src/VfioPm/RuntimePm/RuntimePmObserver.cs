namespace VfioPm;

/// <summary>Is told what the engine does, while it does it. Observing changes nothing.</summary>
public abstract class RuntimePmObserver : IForkable
{
    /// <summary>A trace event, in the kernel's order.</summary>
    public abstract void OnTrace(in RpmTraceEvent trace);

    /// <summary>The device's status changed from <paramref name="before"/> to what it says now.</summary>
    public abstract void OnStatus(RuntimePmDevice device, RuntimeStatus before);

    /// <summary>The usage count changed from <paramref name="before"/> to what the device says now.</summary>
    public virtual void OnUsageCount(RuntimePmDevice device, int before)
    {
    }

    /// <summary>The observer of a fork.</summary>
    public abstract IForkable Fork(ForkContext fork);
}
