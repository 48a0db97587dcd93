namespace VfioPm;

/// <summary>
/// Finds the parts of a host that have nothing in common: usually what is below each root port. What is shared across ports (a power
/// resource, an interrupt line, an IOMMU group, a supplier, a driver of a test's own) makes them one, and a guest makes one of all.
/// </summary>
internal static class SeparateParts
{
    public static MachineParts Of(SimulatedHost host)
    {
        if (host.Guests.Count > 0)
        {
            return MachineParts.Whole;
        }

        List<(HashSet<object> Things, List<string> Devices)> parts = [];
        foreach (PciDevice device in host.Devices)
        {
            HashSet<object> things = [.. ThingsOf(device)];
            List<string> devices = [device.Name];
            foreach ((HashSet<object> others, List<string> names) in parts.FindAll(part => part.Things.Overlaps(things)))
            {
                things.UnionWith(others);
                devices.AddRange(names);
            }

            parts.RemoveAll(part => part.Things.IsSubsetOf(things));
            parts.Add((things, devices));
        }

        return new MachineParts(parts.Select(static part => part.Devices));
    }

    /// <summary>What a device has to do with; who has one of these in common with it has to do with it.</summary>
    private static IEnumerable<object> ThingsOf(PciDevice device)
    {
        object?[] things =
        [
            device.RuntimePm,
            device.Upstream?.RuntimePm,
            device.PhysicalFunction?.RuntimePm,
            device.InterruptLine,
            device.Driver is VfioPciDriver or PciPortDriver ? null : device.Driver,
            (device.Address.Domain, device.Address.Bus, device.Address.Device),
            $"IOMMU group {device.IommuGroup}",
            .. device.RuntimePm.Suppliers.Select(static link => link.Supplier),
            .. device.Platform?.Resources ?? [],
        ];
        return things.OfType<object>();
    }
}
