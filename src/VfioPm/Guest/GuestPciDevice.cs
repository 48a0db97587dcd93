namespace VfioPm;

/// <summary>
/// A virtual device as the guest's PCI core knows it since the guest booted last. No port is above it that could sleep.
/// </summary>
internal sealed class GuestPciDevice : PciPmDevice
{
    private readonly GuestDevice _owner;
    private readonly PmePolling _polling;

    public GuestPciDevice(GuestDevice owner, GuestConfiguration config, PmePolling polling)
        : base(config, upstream: null, owner.Virtual.PowerResource, owner.Guest.Rules)
    {
        _owner = owner;
        _polling = polling;
        RuntimePm = owner.Guest.RuntimePm.AddDevice(
            $"{owner.Guest.Name} {owner.Function.Name}", callbacks: new PciRuntimePm(this));
    }

    private GuestPciDevice(GuestPciDevice original, ForkContext fork)
        : base(original, fork)
    {
        _owner = fork.Of(original._owner);
        _polling = fork.Of(original._polling);
    }

    public override PciPmDevice? Upstream => null;

    public override IReadOnlyList<PciPmDevice> Downstream => [];

    internal override bool HasDriver => true;

    internal override string DriverName => "the guest's driver";

    internal override bool HasPmOps => true;

    internal override bool HasRuntimeSuspend => _owner.Driver.Callbacks.Has(RuntimePmCallback.Suspend);

    public override IForkable Fork(ForkContext fork) => new GuestPciDevice(this, fork);

    internal override KernelCall<int> InvokeDriver(RuntimePmCallback callback) => _owner.Driver.Invoke(callback);

    internal override KernelCall PollForPme(bool polled) => _polling.Set(this, polled);
}
