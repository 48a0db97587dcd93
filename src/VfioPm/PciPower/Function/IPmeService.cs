namespace VfioPm;

/// <summary>What a root port's driver does about PMEs (<c>drivers/pci/pcie/pme.c</c>).</summary>
internal interface IPmeService : IForkable
{
    /// <summary>From now on the port interrupts for them.</summary>
    void Start();

    /// <summary>No longer.</summary>
    void Stop();

    /// <summary>The machine goes to sleep: one wakes it where somebody is to wake it, or is not heard.</summary>
    void Suspend();

    /// <summary>The machine is awake again.</summary>
    void Resume();

    /// <summary>One arrived.</summary>
    void OnInterrupt();

    /// <summary>Adds whether one is being looked at.</summary>
    void AddTo(ref StateHash hash);
}
