using System.Collections;

namespace VfioPm;

/// <summary>
/// The bound functions that only a reset of their bus can reset together (<c>struct vfio_device_set</c>), in the
/// order in which they were bound. A function on a root bus is alone.
/// </summary>
internal sealed class DeviceSet(PciDevice? bridge, IEnumerable<VfioPciDevice> members) : IReadOnlyList<VfioPciDevice>
{
    private readonly List<VfioPciDevice> _members = [.. members];

    public int Count => _members.Count;

    public VfioPciDevice this[int index] => _members[index];

    private VfioPowerPolicy Power => _members[0].Rules.Power;

    private bool IsBusResettable => bridge is not null
        && bridge.Downstream.All(function => _members.Exists(member => member.Pci == function));

    /// <summary>Resets the bus for a user (<c>vfio_pci_dev_set_hot_reset()</c>).</summary>
    /// <returns>
    /// 0; -EINVAL if not every function on the bus is a member, or a member is in none of the groups; -EBUSY while a user
    /// of one changes its power state, what it decodes, or resets it; what waking a member or the reset gave.
    /// </returns>
    public KernelResult HotReset(ReadOnlySpan<FileDescriptor> groups)
    {
        if (!IsBusResettable)
        {
            return Errno.EINVAL;
        }

        KernelResult result = Power.HoldForReset(this);
        if (result.IsError)
        {
            return result;
        }

        result = Own(groups) ? ResetLocked() : Errno.EINVAL;
        Power.ReleaseAfterReset(this);
        return result;
    }

    /// <summary>
    /// Resets the bus once nobody uses any member and one of them needs it
    /// (<c>vfio_pci_dev_set_try_reset()</c>).
    /// </summary>
    /// <returns>Whether the reset was done.</returns>
    public bool TryReset()
    {
        bool isInUse = _members.Count(member => member.IsOpen) > 1;
        if (isInUse || !_members.Exists(member => member.NeedsReset) || !IsBusResettable
            || Power.HoldForReset(this).IsError)
        {
            return false;
        }

        bool done = BusReset.TryReset(bridge!).Value == 0;
        if (done)
        {
            foreach (VfioPciDevice member in _members)
            {
                member.NeedsReset = false;
                Power.AfterSetReset(member, through: _members[0]);
            }
        }

        Power.ReleaseAfterReset(this);
        return done;
    }

    /// <summary>Whoever takes several locks and waits for one may wait for ever, so nobody waits.</summary>
    private KernelResult ResetLocked()
    {
        int locked = 0;
        while (locked < Count && _members[locked].TryLockMemory())
        {
            _members[locked++].ZapMappings();
        }

        KernelResult result = locked == Count ? ResetAll() : Errno.EBUSY;
        while (locked-- > 0)
        {
            _members[locked].UnlockMemory();
        }

        return result;
    }

    private KernelResult ResetAll()
    {
        foreach (VfioPciDevice member in _members)
        {
            Power.BeforeReset(member);
        }

        return BusReset.TryReset(bridge!);
    }

    /// <summary>Whether every member is in one of the groups.</summary>
    private bool Own(ReadOnlySpan<FileDescriptor> groups)
    {
        foreach (VfioPciDevice member in _members)
        {
            bool isOwned = false;
            foreach (FileDescriptor descriptor in groups)
            {
                descriptor.GetGroup(out VfioGroup group);
                isOwned |= group.Has(member);
            }

            if (!isOwned)
            {
                return false;
            }
        }

        return true;
    }

    public IEnumerator<VfioPciDevice> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
