namespace VfioPm.Tests;

/// <summary>A scheduler under which a thread gives way at every point where it could, so that a test decides who goes on.</summary>
internal sealed class PreemptsEverywhere : IKernelScheduler
{
    public bool Preempts(Kernel kernel, PreemptionPoint point) => true;
}
