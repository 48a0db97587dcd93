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

        bool done = ResetMethods.ResetBus(bridge!).Value == 0;
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

    public IEnumerator<VfioPciDevice> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
