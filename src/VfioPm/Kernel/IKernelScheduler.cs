namespace VfioPm;

/// <summary>Where a thread may lose the processor.</summary>
public enum PreemptionPoint
{
    /// <summary>It says that it might sleep (<c>might_sleep()</c>, <c>cond_resched()</c>).</summary>
    MightSleep,

    /// <summary>
    /// It drops a spinlock: a device's power lock (<c>spin_unlock_irq(&amp;dev->power.lock)</c>), or what keeps others from configuration space
    /// (<c>pci_lock</c>).
    /// </summary>
    Unlock,

    /// <summary>It is about to take a lock that it may have to wait for.</summary>
    Lock,

    /// <summary>It has read a word that others write too, and is about to write it back.</summary>
    Store,
}

/// <summary>Who goes on where a thread could lose the processor.</summary>
public interface IKernelScheduler
{
    /// <summary>Whether the running thread gives way to what is ready.</summary>
    bool Preempts(Kernel kernel, PreemptionPoint point);

    /// <summary>
    /// Which of several that are ready at one moment goes on (<c>pick_next_task()</c>): the first, unless a scheduler says
    /// otherwise. Timers have no part in it, since they interrupt; of workers' work only the item that was queued first, since
    /// work begins in order.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="ready">They, in the order in which they would go on.</param>
    /// <returns>The place of one of them.</returns>
    int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready) => 0;
}

/// <summary>
/// The order of the recordings: a thread runs on unless it gives way voluntarily to what is due, or a caller who was just
/// woken or an interrupt's thread, is let in where a lock is dropped.
/// </summary>
internal sealed class StockScheduler : IKernelScheduler
{
    public static readonly StockScheduler Instance = new();

    public bool Preempts(Kernel kernel, PreemptionPoint point) => point switch
    {
        PreemptionPoint.MightSleep => kernel.GivesWay && kernel.Clock.IsAnythingDue,
        PreemptionPoint.Unlock => kernel.WokenCallersPreempt && (kernel.HasWokenCaller || kernel.HasInterruptThread),
        _ => false,
    };
}
