namespace VfioPm;

/// <summary>
/// A function's files in sysfs. Whoever is in one of them keeps the function's removal waiting, and once that has begun nobody gets in
/// (kernfs' active references). Lockdep has a class for each attribute, and the model one lock for all, whose order is not watched.
/// </summary>
internal sealed class SysfsFiles : KernelLock
{
    private readonly PciDevice _device;

    public SysfsFiles(PciDevice device)
        : base(device.Kernel, "kn->active", device.Name, device.RuntimePm.Index) => _device = device;

    private SysfsFiles(SysfsFiles original, ForkContext fork)
        : base(original, fork) => _device = fork.Of(original._device);

    public override bool IsWatched => false;

    /// <summary>Goes into a file, if the function still has files (<c>kernfs_get_active()</c>).</summary>
    public LockScope TryEnter() => _device.IsDead ? default : TryLock(LockMode.Read, nameof(TryEnter));

    /// <summary>The files go, once nobody is in one of them (<c>kernfs_drain()</c>).</summary>
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
