using System.Globalization;

namespace VfioPm;

/// <summary>The attributes that all functions have (<c>pci_dev_attrs</c>).</summary>
internal static class DeviceAttributes
{
    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("vendor") { Show = static device => Hex(device.VendorId, 4) },
        new("device") { Show = static device => Hex(device.DeviceId, 4) },
        new("revision") { Show = static device => Hex(ClassOf(device) & 0xff, 2) },
        new("class") { Show = static device => Hex(ClassOf(device) >> 8, 6) },
        new("power_state")
        {
            IsThere = static device => device.Bus.Rules.HasPowerStateAttribute,
            Show = static device => (SysfsResult)device.PowerState.KernelName,
        },
        new("d3cold_allowed")
        {
            Show = static device => (SysfsResult)(device.D3ColdAllowed ? "1" : "0"),
            Store = SetD3ColdAllowed,
        },
        new("enable")
        {
            Show = static device => (SysfsResult)device.EnableCount.ToString(CultureInfo.InvariantCulture),
            Store = SetEnable,
        },
        new("msi_bus")
        {
            Show = static device => (SysfsResult)((device.Bridge?.PassesMessagesOn ?? device.Messages.AreAllowed) ? "1" : "0"),
            Store = SetMsiBus,
        },
        new("serial_number")
        {
            IsThere = static device => device.Rules.HasSerialNumberAttribute && SerialNumberOf(device, device.Hardware.Configuration.Ask) != 0,
            Show = ShowSerialNumber,
        },
        new("rescan") { IsThere = static device => !device.IsVirtualFunction, Store = Rescan },
        new("remove") { IsThere = static device => !device.IsVirtualFunction, IsUnprotected = true, Store = Remove },
    ];

    private static KernelCall<SysfsResult> Hex(uint value, int digits) =>
        (SysfsResult)$"0x{value.ToString($"x{digits}", CultureInfo.InvariantCulture)}";

    /// <summary>Class and revision, which the kernel read once.</summary>
    private static uint ClassOf(PciDevice device) => device.Hardware.Configuration.Read(PciRegisters.ClassRevision, 4);

    /// <summary>Nobody is woken for it (<c>serial_number_show()</c>).</summary>
    private static KernelCall<SysfsResult> ShowSerialNumber(PciDevice device) =>
        device.PowerState != PowerState.D3Cold && SerialNumberOf(device, device.ReadConfig) is not 0 and var number
            ? (SysfsResult)string.Join('-', Enumerable.Range(0, 8).Select(i => $"{(byte)(number >> (56 - (8 * i))):x2}"))
            : (SysfsResult)Errno.EIO;

    /// <summary><c>pci_get_dsn()</c>.</summary>
    private static ulong SerialNumberOf(PciDevice device, Func<int, int, uint> read) =>
        device.Config.Capabilities.FindExtended(ExtendedCapabilityId.SerialNumber) is { Offset: var start }
            ? read(start + 4, 4) | ((ulong)read(start + 8, 4) << 32)
            : 0;

    /// <summary>
    /// The port above thinks again, and the function is resumed so that its next sleep is of the right depth
    /// (<c>d3cold_allowed_store()</c>).
    /// </summary>
    private static async KernelCall<int> SetD3ColdAllowed(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong allowed))
        {
            return -Errno.EINVAL;
        }

        device.Power.D3ColdAllowed = allowed != 0;
        PciPm.UpdateBridgeD3(device);
        await PmRuntime.Resume(device.RuntimePm);
        return 0;
    }

    /// <summary>Only functions without a driver are enabled and disabled by hand (<c>enable_store()</c>).</summary>
    private static async KernelCall<int> SetEnable(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong enabled))
        {
            return -Errno.EINVAL;
        }

        using (await device.Lock.Lock())
        {
            return device.Driver is not null ? -Errno.EBUSY
                : enabled != 0 ? await PciPm.Enable(device)
                : await Disable(device);
        }
    }

    private static async KernelCall<int> Disable(PciDevice device)
    {
        if (device.EnableCount == 0)
        {
            return -Errno.EIO;
        }

        await PciPm.Disable(device);
        return 0;
    }

    /// <summary>Of a bridge it is the bus below that is meant (<c>msi_bus_store()</c>).</summary>
    private static KernelCall<int> SetMsiBus(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong allowed))
        {
            return -Errno.EINVAL;
        }

        string said = allowed != 0 ? "allowed" : "disallowed";
        if (device.Bridge is { } bridge)
        {
            bridge.PassesMessagesOn = allowed != 0;
            PciPowerLog.MessagesBelow(device.Logger, NameOfBusBelow(device), said);
        }
        else
        {
            device.Messages.AreAllowed = allowed != 0;
            PciPowerLog.MessagesOf(device.Logger, device.Name, said);
        }

        return 0;
    }

    /// <summary>As <c>dev_info()</c> names it: "pci_bus 0000:01".</summary>
    private static string NameOfBusBelow(PciDevice bridge)
    {
        byte bus = bridge.Downstream.Count > 0
            ? bridge.Downstream[0].Address.Bus
            : (byte)bridge.Hardware.Configuration.Read(PciRegisters.SecondaryBus, 1);
        return string.Create(CultureInfo.InvariantCulture, $"pci_bus {bridge.Address.Domain:x4}:{bus:x2}");
    }

    /// <summary>
    /// Looks for new functions on the bus, and below it (<c>dev_rescan_store()</c>, <c>pci_rescan_bus()</c>).
    /// </summary>
    private static async KernelCall<int> Rescan(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted))
        {
            return -Errno.EINVAL;
        }

        if (wanted != 0)
        {
            using (await device.Bus.RescanRemove.Lock())
            {
                await BusScan.Rescan(device);
            }
        }

        return 0;
    }

    /// <summary>The kernel forgets the function and all below it, until a rescan (<c>remove_store()</c>, <c>pci_stop_and_remove_bus_device_locked()</c>).</summary>
    private static async KernelCall<int> Remove(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted))
        {
            return -Errno.EINVAL;
        }

        if (wanted != 0)
        {
            using (await device.Bus.RescanRemove.Lock())
            {
                // Of two who remove it one does (device_remove_file_self(), pci_destroy_dev()).
                if (device.IsThere)
                {
                    await device.Bus.Remove(device);
                }
            }
        }

        return 0;
    }
}
