namespace VfioPm;

/// <summary>
/// What a driver remembers of one function (<c>pci_set_drvdata()</c>): a class of the driver's own, which says how it is copied into
/// a fork and what of it decides what happens later.
/// </summary>
public abstract class DriverData : INumbered
{
    int INumbered.Index => 0;

    /// <summary>A copy with the same content.</summary>
    public abstract DriverData Copy();

    /// <summary>Adds the content to the hash of the host's state.</summary>
    public abstract void AddTo(ref StateHash hash);

    IForkable IForkable.Fork(ForkContext fork)
    {
        DriverData copy = Copy();
        fork.Register(this, copy);
        return copy;
    }
}
