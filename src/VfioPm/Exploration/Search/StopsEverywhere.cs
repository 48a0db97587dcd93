namespace VfioPm;

/// <summary>
/// The scheduler of an explored kernel: as long as it may, it stops the running thread wherever that could lose the processor,
/// and whoever explores decides who goes on.
/// </summary>
internal sealed class StopsEverywhere : IKernelScheduler
{
    /// <summary>Whether threads are stopped; otherwise each runs until it has to wait.</summary>
    public bool IsOn { get; set; }

    /// <summary>The thread that was stopped last.</summary>
    public KernelThread? Stopped { get; set; }

    public bool Preempts(Kernel kernel, PreemptionPoint point)
    {
        if (IsOn)
        {
            Stopped = kernel.Current;
        }

        return IsOn;
    }
}
