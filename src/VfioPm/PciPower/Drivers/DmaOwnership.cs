namespace VfioPm;

/// <summary>
/// Whose the memory accesses of an IOMMU group are (<c>drivers/iommu/iommu.c</c>, since Linux 5.19): those of the kernel's drivers or
/// those of a user, and never of both, since what one function of a group reaches all of it may reach.
/// </summary>
internal static class DmaOwnership
{
    /// <summary>A driver is about to have a function (<c>pci_dma_configure()</c>, <c>iommu_device_use_default_domain()</c>).</summary>
    /// <returns>0; -EBUSY where a user has one of its group.</returns>
    public static int UseDefaultDomain(PciDevice device, PciDriver driver) =>
        device.Bus.Rules.HasDmaOwnership && !driver.ManagesDma && UserOf(device) is not null ? -Errno.EBUSY : 0;

    /// <summary>A user is about to have one (<c>iommu_group_claim_dma_owner()</c>).</summary>
    /// <returns>0; -EPERM where a driver of the kernel has one of its group.</returns>
    public static int Claim(PciDevice device) => KernelsOf(device) is null ? 0 : -Errno.EPERM;

    /// <summary>The first of a function's group that a user has, or null.</summary>
    public static PciDevice? UserOf(PciDevice device) =>
        FirstOfGroup(device, static member => member.Driver is { } driver && driver.HasUser(member));

    /// <summary>The first of a function's group whose driver makes memory accesses for the kernel, or null.</summary>
    public static PciDevice? KernelsOf(PciDevice device) => FirstOfGroup(device, static member => member.Driver is { ManagesDma: false });

    /// <summary>The first of a function's group for which a condition holds, or null.</summary>
    public static PciDevice? FirstOfGroup(PciDevice device, Func<PciDevice, bool> condition)
    {
        foreach (PciDevice member in device.Bus.Devices)
        {
            if (member.IommuGroup == device.IommuGroup && condition(member))
            {
                return member;
            }
        }

        return null;
    }
}
