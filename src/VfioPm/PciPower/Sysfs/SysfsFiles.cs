namespace VfioPm;

/// <summary>
/// A function's files in sysfs: whoever is in one of them keeps the function's removal waiting (kernfs' active references). Lockdep has
/// a class for each attribute, and the model one lock for all of them, whose order is not watched.
/// </summary>
internal sealed class SysfsFiles : KernelLock
{
    public SysfsFiles(Kernel kernel, string device, int index)
        : base(kernel, "kn->active", device, index)
    {
    }

    private SysfsFiles(SysfsFiles original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override bool IsWatched => false;

    /// <summary>Nobody comes in any more once somebody waits for the last to leave (<c>KN_DEACTIVATED_BIAS</c>).</summary>
    protected override int? Patience => null;

    /// <summary><c>kernfs_get_active()</c>.</summary>
    public LockScope Enter() => TryLock(LockMode.Read, nameof(Enter));

    /// <summary>Waits until nobody is in one of them (<c>kernfs_drain()</c>).</summary>
    public async KernelCall Drain()
    {
        if (IsReadLocked)
        {
            using (await Lock(LockMode.Write, nameof(Drain)))
            {
            }
        }
    }

    public override IForkable Fork(ForkContext fork) => new SysfsFiles(this, fork);
}
