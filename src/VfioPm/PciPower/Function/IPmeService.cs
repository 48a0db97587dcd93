namespace VfioPm;

/// <summary>What a root port's driver does about PMEs (<c>drivers/pci/pcie/pme.c</c>).</summary>
internal interface IPmeService : IForkable
{
    /// <summary>From now on the port interrupts for them.</summary>
    void Start();

    /// <summary>No longer.</summary>
    void Stop();

    /// <summary>One arrived.</summary>
    void OnInterrupt();

    /// <summary>Adds whether one is being looked at.</summary>
    void AddTo(ref StateHash hash);
}
