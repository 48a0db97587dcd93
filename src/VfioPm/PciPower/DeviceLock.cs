namespace VfioPm;

/// <summary>
/// The lock of a device (<c>device_lock()</c>), held while a driver binds or lets go, and during resets.
/// </summary>
internal sealed class DeviceLock : KernelMutex
{
    public DeviceLock(Kernel kernel, PciDevice device)
        : base(kernel, "device_lock", device.Name, device.RuntimePm.Index)
    {
    }

    private DeviceLock(DeviceLock original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override bool IsWatched => false;

    public override IForkable Fork(ForkContext fork) => new DeviceLock(this, fork);
}
