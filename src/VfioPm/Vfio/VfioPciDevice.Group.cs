namespace VfioPm;

// The IOMMU group, which a user has with all that is in it (drivers/vfio/group.c).
public sealed partial class VfioPciDevice
{
    /// <summary>
    /// Whether the group cannot be opened (<c>vfio_group_fops_open()</c>: one file of it at a time): a user has closed a device
    /// of the group, and what he has mapped keeps it alive; or somebody has one by its character device.
    /// </summary>
    public bool IsGroupBusy
    {
        get
        {
            bool isAlive = false;
            foreach (VfioPciDevice device in _driver.Devices)
            {
                if (device.Pci.IommuGroup != Pci.IommuGroup)
                {
                    continue;
                }

                if (device._groupBlocks > 0)
                {
                    return true;
                }

                foreach (VfioDeviceFile file in device.Files)
                {
                    // Who has the group open opens another device of it through the same file.
                    if (!file.IsClosed)
                    {
                        return false;
                    }

                    isAlive = true;
                }
            }

            return isAlive;
        }
    }

    /// <summary>Whether a user has the group open (<c>opened_file</c>).</summary>
    private bool IsGroupOpen => DmaOwnership.FirstOfGroup(Pci, static member =>
        VfioPciDriver.TryFind(member) is { Iommufd: null, HasUser: true }) is not null;

    /// <summary>Whether a user has it open, or is about to.</summary>
    internal bool HasUser => IsOpen || _opensUnderWay > 0;

    /// <summary>Whether somebody keeps it from being unbound: besides a user, who has its character device open.</summary>
    private bool IsWanted => HasUser || _cdevs.Count > 0;

    /// <summary><c>vfio_dev_viable()</c>: bridges are of no account, whatever their driver, and of the kernel's drivers <c>pci-stub</c>.</summary>
    private bool IsGroupViable => DmaOwnership.FirstOfGroup(Pci, static member =>
        !(member.IsBridge || member.Driver is null or VfioPciDriver or { Name: "pci-stub" })) is null;

    /// <summary>
    /// The group with all in it becomes the user's (<c>VFIO_GROUP_SET_CONTAINER</c>, <c>vfio_container_attach_group()</c>); before Linux
    /// 5.19 vfio looks what drivers the others have each time (<c>vfio_group_viable()</c>).
    /// </summary>
    private int ClaimGroup() => Pci.Bus.Rules.HasDmaOwnership ? DmaOwnership.Claim(Pci) : IsGroupViable ? 0 : -Errno.EINVAL;
}
