namespace VfioPm;

/// <summary>
/// The bound functions that only a reset of their bus can reset together (<c>struct vfio_device_set</c>), in the
/// order in which they were bound. A function on a root bus is alone.
/// </summary>
internal sealed class DeviceSet : INumbered
{
    private readonly PciDevice? _bridge;
    private readonly PublishedList<VfioPciDevice> _members = [];

    /// <param name="kernel">The kernel that has the functions.</param>
    /// <param name="first">The first member.</param>
    public DeviceSet(Kernel kernel, PciDevice first)
    {
        _bridge = first.Upstream;
        Key = KeyOf(first);
        Index = first.RuntimePm.Index;
        Lock = new KernelMutex(kernel, "dev_set->lock", _bridge is null ? first.Name : $"what is below {_bridge.Name}", Index);
    }

    private DeviceSet(DeviceSet original, ForkContext fork)
    {
        fork.Register(original, this);
        _bridge = fork.OfNullable(original._bridge);
        Key = fork.Of(original.Key);
        fork.CopyAll(original._members, _members);
        Index = original.Index;
        Lock = fork.Of(original.Lock);
    }

    public int Index { get; }

    /// <summary>What it is found by (<c>set_id</c>).</summary>
    public PciDevice Key { get; }

    /// <summary>Who opens, closes or hot resets a member holds it (<c>dev_set->lock</c>, before Linux 5.15 <c>reflck->lock</c>).</summary>
    public KernelMutex Lock { get; }

    public IReadOnlyList<VfioPciDevice> Members => _members;

    private bool IsBusResettable => _bridge is not null
        && BusReset.IsResettable(_bridge)
        && _bridge.Downstream.All(function => _members.Exists(member => member.Pci == function));

    /// <summary>Whether a function belongs to it: all below one bridge do, but for virtual functions.</summary>
    public bool Takes(PciDevice function) =>
        _bridge is not null && function.Upstream == _bridge && !function.IsVirtualFunction
        && !_members.Exists(static member => member.Pci.IsVirtualFunction);

    /// <summary>The key of the set that a function is in: the bridge above, or on a root bus the function itself.</summary>
    public static PciDevice KeyOf(PciDevice function) => function.Upstream ?? function;

    public void Add(VfioPciDevice member) => _members.Add(member);

    /// <returns>Whether nobody is left.</returns>
    public bool Remove(VfioPciDevice member) => _members.Remove(member) && _members.Count == 0;

    /// <summary>Resets the bus for a user (<c>vfio_pci_dev_set_hot_reset()</c>).</summary>
    /// <param name="through">The device that it is asked of.</param>
    /// <param name="groups">The user's groups; null where he has what the iommufd has that the device is bound to.</param>
    /// <returns>
    /// 0; -EINVAL if not every function on the bus is a member, or a member is not the user's; -EBUSY while a user
    /// of one changes its power state, what it decodes, or resets it; what waking a member or the reset gave.
    /// </returns>
    public async KernelCall<int> HotReset(VfioPciDevice through, GroupList? groups)
    {
        using (await Lock.Lock())
        {
            if (!IsBusResettable)
            {
                return -Errno.EINVAL;
            }

            int result = await HoldAll();
            if (result < 0)
            {
                return result;
            }

            result = through.Rules.LooksAtOwnersOneByOne || AreAllOwned(through, groups)
                ? await ResetLocked(through, groups)
                : -Errno.EINVAL;
            await ReleaseAll(_members.Count);
            return result;
        }
    }

    /// <summary>
    /// Resets the bus once nobody uses any member and one of them needs it
    /// (<c>vfio_pci_dev_set_try_reset()</c>). The caller holds <see cref="Lock"/>.
    /// </summary>
    /// <returns>Whether the reset was done.</returns>
    public async KernelCall<bool> TryReset()
    {
        bool isInUse = _members.Count(static member => member.IsOpen) > 1;
        bool holds = _members.All(static member => member.IsHeldForLastReset);
        if (isInUse || !_members.Exists(static member => member.NeedsReset) || !IsBusResettable
            || (holds && await HoldAll() < 0))
        {
            return false;
        }

        bool done = await BusReset.TryReset(_bridge!) == 0;
        for (int i = 0; done && i < _members.Count; i++)
        {
            _members[i].NeedsReset = false;
            await _members[i].Power.AfterSetReset(through: _members[0]);
        }

        await ReleaseAll(holds ? _members.Count : 0);
        return done;
    }

    public IForkable Fork(ForkContext fork) => new DeviceSet(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_members.Count);
        foreach (VfioPciDevice member in _members)
        {
            hash.Add(member.Index);
        }

        hash.Add(Index);
        Lock.AddTo(ref hash);
    }

    private bool AreAllOwned(VfioPciDevice through, GroupList? groups) => _members.All(member => IsOwned(member, through, groups));

    private static bool IsOwned(VfioPciDevice member, VfioPciDevice through, GroupList? groups) =>
        groups?.Has(member) ?? member.FindIn(through.Iommufd!) != DependentDevice.NotOwned;

    /// <summary>
    /// Resets once everybody's memory is locked, from one member on. Whoever takes several locks and waits for one may wait
    /// for ever, so nobody waits.
    /// </summary>
    private async KernelCall<int> ResetLocked(VfioPciDevice through, GroupList? groups, int from = 0)
    {
        if (from == _members.Count)
        {
            return await ResetAll();
        }

        if (!IsOwned(_members[from], through, groups))
        {
            return -Errno.EINVAL;
        }

        using LockScope memory = _members[from].Memory.DownWriteTryLock();
        if (!memory.IsTaken)
        {
            return -Errno.EBUSY;
        }

        await _members[from].RevokeDmaBufs();
        _members[from].ZapMappings();
        int result = await ResetLocked(through, groups, from + 1);
        _members[from].RestoreDmaBufs();
        return result;
    }

    private async KernelCall<int> ResetAll()
    {
        for (int i = 0; i < _members.Count; i++)
        {
            await _members[i].Power.BeforeReset();
        }

        int result = await BusReset.TryReset(_bridge!);
        for (int i = 0; i < _members.Count; i++)
        {
            await _members[i].Power.AfterReset();
        }

        return result;
    }

    /// <summary>All are held awake, or none (<c>vfio_pci_dev_set_pm_runtime_get()</c>).</summary>
    private async KernelCall<int> HoldAll()
    {
        for (int held = 0; held < _members.Count; held++)
        {
            int result = await _members[held].Power.HoldForReset();
            if (result < 0)
            {
                await ReleaseAll(held);
                return result;
            }
        }

        return 0;
    }

    private async KernelCall ReleaseAll(int held)
    {
        for (int i = 0; i < held; i++)
        {
            await _members[i].Power.ReleaseAfterReset();
        }
    }
}
