using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// What follows on the last close of a group: the recorder closes its container too, and the kernel takes the IOMMU's tables apart
/// (<c>vfio_group_detach_container()</c>) before the machine's one processor gets to anything else.
/// </summary>
internal static class GroupRelease
{
    // So much longer a close takes than the reset in it, on every machine that was recorded.
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(3.5);

    /// <param name="machine">Where.</param>
    /// <param name="recorded">The close.</param>
    public static void After(VfioMachine machine, JsonObject recorded)
    {
        if (machine.Bound(recorded.Required<string>("bdf")) is { } closed
            && !machine.Host.VfioPci.Devices.Any(device => device.IsOpen && device.Pci.IommuGroup == closed.Pci.IommuGroup))
        {
            machine.Host.Clock.Spin(Duration);
        }
    }
}
