namespace VfioPm;

/// <summary>
/// The lock of a device (<c>device_lock()</c>), held while a driver binds or lets go, during resets, and while sysfs steers its
/// runtime PM.
/// </summary>
internal sealed class DeviceLock : KernelMutex
{
    public DeviceLock(Kernel kernel, string device, int index)
        : base(kernel, "device_lock", device, index)
    {
    }

    private DeviceLock(DeviceLock original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override bool IsWatched => false;

    public override IForkable Fork(ForkContext fork) => new DeviceLock(this, fork);
}
