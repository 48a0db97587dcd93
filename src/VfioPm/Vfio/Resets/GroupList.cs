namespace VfioPm;

/// <summary>The groups that a user says it owns, as the kernel took them from its descriptors.</summary>
internal sealed class GroupList : IUnchanging
{
    private readonly VfioGroup[] _groups;

    private GroupList(VfioGroup[] groups) => _groups = groups;

    /// <summary>Takes them down (the first part of <c>vfio_pci_ioctl_pci_hot_reset()</c>).</summary>
    /// <returns>0; -EBADF, -EINVAL for a descriptor that is no group.</returns>
    public static int Take(IReadOnlyList<FileDescriptor> descriptors, out GroupList groups)
    {
        var taken = new VfioGroup[descriptors.Count];
        groups = new GroupList(taken);
        for (int i = 0; i < taken.Length; i++)
        {
            int result = descriptors[i].GetGroup(out taken[i]);
            if (result < 0)
            {
                return result;
            }
        }

        return 0;
    }

    /// <summary>Whether a device is in one of the groups (<c>vfio_dev_in_groups()</c>).</summary>
    public bool Has(VfioPciDevice device) => _groups.Contains(new VfioGroup(device.Pci.IommuGroup));
}
