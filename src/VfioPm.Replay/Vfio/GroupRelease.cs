namespace VfioPm;

/// <summary>
/// What follows on the last close of a group: the recorder closes its container too, and the kernel takes the IOMMU's tables apart
/// (<c>vfio_group_detach_container()</c>) before the machine's one processor gets to anything else.
/// </summary>
internal static class GroupRelease
{
    // So much longer a close takes than the reset in it, on every machine that was recorded.
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(3.5);

    public static void After(VfioMachine machine, VfioPciDevice closed)
    {
        if (!machine.Host.VfioPci.Devices.Any(device => device.IsOpen && device.Pci.IommuGroup == closed.Pci.IommuGroup))
        {
            machine.Host.Clock.Spin(Duration);
        }
    }
}
