namespace VfioPm;

/// <summary>
/// Which addresses can be where. A bridge has one bus right below it, with a number that no other bus of its domain has
/// (PCI-to-PCI Bridge 1.2, section 3.2); a number that is below no bridge is a root bus's.
/// </summary>
internal static class BusNumbering
{
    /// <summary>Checks that a function at an address can be where it is to be added.</summary>
    /// <param name="functions">All that are on its bus, and perhaps others.</param>
    /// <param name="address">The new one's address.</param>
    /// <param name="upstream">The bridge above it, or null for a root bus.</param>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void Check(IReadOnlyList<PciDevice> functions, PciAddress address, PciDevice? upstream)
    {
        if (upstream is not null && upstream.Address.Domain != address.Domain)
        {
            throw Refusal(address, upstream, "that is in another domain");
        }

        foreach (PciDevice other in functions)
        {
            if (other.Address.SharesBusWith(address) && other.Upstream != upstream)
            {
                string where = other.Upstream is { } bridge ? $"right below {bridge.Name}" : "a root bus";
                throw Refusal(address, upstream, $"{other.Name} is on that bus, {where}");
            }
        }

        foreach (PciDevice sibling in upstream?.Downstream ?? [])
        {
            if (!sibling.Address.SharesBusWith(address))
            {
                throw Refusal(address, upstream, $"{sibling.Name} is, on another bus");
            }
        }
    }

    /// <summary>
    /// Gives the bridges above a function numbers that lead to it, as firmware and kernel do
    /// (<c>pci_scan_bridge_extend()</c>), and one that has nothing below it yet a number of its own.
    /// </summary>
    /// <param name="function">The new one.</param>
    /// <param name="upstream">The bridge above it, or null for a root bus.</param>
    /// <param name="devices">All that there are in its domain, and perhaps others.</param>
    public static void Assign(PciFunction function, PciDevice? upstream, IEnumerable<PciDevice> devices)
    {
        PciAddress address = function.Address;
        IEnumerable<PciDevice> domain = devices.Where(device => device.Address.Domain == address.Domain);
        Lead(address, upstream);
        if (upstream is { Downstream.Count: 0 } && EmptyBridge(address.Bus, upstream, domain) is { } other)
        {
            byte free = FreeBus(TakenBuses(address.Bus, domain));
            WriteBuses(other.Hardware, free);
            other.SavedState.RememberBuses(other.Address.Bus, free, Math.Max(free, BusesOf(other).Last));
        }

        if (function.Bridge is { } bridge)
        {
            byte found = bridge.SecondaryBus;
            HashSet<byte> taken = TakenBuses(address.Bus, domain);
            WriteBuses(function, found > address.Bus && !taken.Contains(found) ? found : FreeBus(taken));
        }
    }

    private static void Lead(PciAddress address, PciDevice? upstream)
    {
        for (PciDevice? bridge = upstream; bridge is not null; bridge = bridge.Upstream)
        {
            (byte below, byte last) = BusesOf(bridge);
            byte secondary = bridge == upstream ? address.Bus : Math.Min(below, address.Bus);
            byte subordinate = Math.Max(last, address.Bus);
            bridge.WriteConfig(PciRegisters.PrimaryBus, 1, bridge.Address.Bus);
            bridge.WriteConfig(PciRegisters.SecondaryBus, 1, secondary);
            bridge.WriteConfig(PciRegisters.SubordinateBus, 1, subordinate);

            // They are from boot: who sleeps has them among what comes back.
            bridge.SavedState.RememberBuses(bridge.Address.Bus, secondary, subordinate);
        }
    }

    /// <summary>The bus below a bridge and the last behind it. One without power has lost them, and gets them back.</summary>
    private static (byte Below, byte Last) BusesOf(PciDevice bridge) =>
        !bridge.Hardware.HasPower && bridge.SavedState.RememberedBuses is { } remembered ? remembered
        : (bridge.Hardware.Bridge!.SecondaryBus, bridge.Hardware.Bridge.SubordinateBus);

    /// <summary>Another bridge that has a bus's number with nothing below it.</summary>
    private static PciDevice? EmptyBridge(byte bus, PciDevice but, IEnumerable<PciDevice> domain) =>
        domain.FirstOrDefault(device => device != but && device.IsBridge && BusesOf(device).Below == bus && device.Downstream.Count == 0);

    /// <summary>The one above all that are taken, or the highest that is not; 0 where there is none.</summary>
    private static byte FreeBus(HashSet<byte> taken)
    {
        int next = taken.Max() + 1;
        return next <= byte.MaxValue ? (byte)next
            : (byte)Enumerable.Range(0, byte.MaxValue + 1).LastOrDefault(bus => !taken.Contains((byte)bus));
    }

    /// <summary>The buses of a domain that functions are on, that bridges have, and this one.</summary>
    private static HashSet<byte> TakenBuses(byte bus, IEnumerable<PciDevice> domain)
    {
        HashSet<byte> taken = [bus];
        foreach (PciDevice device in domain)
        {
            taken.Add(device.Address.Bus);
            if (device.IsBridge)
            {
                taken.Add(BusesOf(device).Below);
            }
        }

        return taken;
    }

    private static void WriteBuses(PciFunction bridge, byte secondary)
    {
        bridge.WriteConfig(PciRegisters.PrimaryBus, 1, bridge.Address.Bus);
        bridge.WriteConfig(PciRegisters.SecondaryBus, 1, secondary);
        bridge.WriteConfig(PciRegisters.SubordinateBus, 1, Math.Max(secondary, bridge.Bridge!.SubordinateBus));
    }

    private static ArgumentException Refusal(PciAddress address, PciDevice? upstream, string reason)
    {
        string place = upstream is null ? "on a root bus" : $"right below {upstream.Name}";
        return new ArgumentException($"{address} cannot be {place}: {reason}.", nameof(address));
    }
}
