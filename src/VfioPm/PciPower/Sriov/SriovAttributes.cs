using System.Globalization;

namespace VfioPm;

/// <summary>The attributes that physical functions have besides (<c>sriov_pf_dev_attrs</c>).</summary>
internal static class SriovAttributes
{
    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        Shown("sriov_totalvfs", static sriov => Number(sriov.MostVfs)),
        Shown("sriov_numvfs", static sriov => Number(sriov.NumVfs)) with { Store = SetNumVfs },
        Shown("sriov_offset", static sriov => Number(sriov.Offset)),
        Shown("sriov_stride", static sriov => Number(sriov.Stride)),
        Shown("sriov_vf_device", static sriov => sriov.VfDeviceId.ToString("x", CultureInfo.InvariantCulture)),
        Shown("sriov_drivers_autoprobe", static sriov => sriov.DriversAutoprobe ? "1" : "0") with
        {
            Store = SetDriversAutoprobe,
        },
    ];

    private static PciAttribute Shown(string name, Func<PciSriov, string> text) => new(name)
    {
        IsThere = static device => device.Sriov is not null,
        Show = device => (SysfsResult)text(device.Sriov!),
    };

    /// <summary>
    /// Has the driver enable as many virtual functions, or take all away (<c>sriov_numvfs_store()</c>): there is no way
    /// from some to others.
    /// </summary>
    private static async KernelCall<int> SetNumVfs(PciDevice device, string value)
    {
        PciSriov sriov = device.Sriov!;
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted) || wanted > ushort.MaxValue)
        {
            return -Errno.EINVAL;
        }

        int count = (int)wanted;

        if (count > sriov.MostVfs)
        {
            return -Errno.ERANGE;
        }

        using (await device.Lock.Lock())
        {
            return count == sriov.NumVfs ? 0
                : device.Driver is not { } driver ? -Errno.ENOENT
                : count != 0 && sriov.NumVfs != 0 ? -Errno.EBUSY
                : await Configure(device, driver, count);
        }
    }

    /// <summary>Of a driver that enables fewer than it was asked for the log tells.</summary>
    private static async KernelCall<int> Configure(PciDevice device, PciDriver driver, int count)
    {
        int result;
        using (device.Bus.Rules.CountOfVfsKeepsOthersFromTree ? await device.Bus.RescanRemove.Lock() : default)
        {
            result = await DriverCall.ConfigureSriov(driver, device, count);
        }

        if (result < 0)
        {
            return result;
        }

        if (count != 0 && result != count)
        {
            DriverLog.FewerVirtualFunctions(device.Logger, device.Name, count, result);
        }

        return 0;
    }

    /// <summary><c>sriov_drivers_autoprobe_store()</c>.</summary>
    private static KernelCall<int> SetDriversAutoprobe(PciDevice device, string value)
    {
        if (SysfsText.ParseBool(value, device.Bus.Rules.BooleansHaveEnable) is not { } wanted)
        {
            return -Errno.EINVAL;
        }

        device.Sriov!.DriversAutoprobe = wanted;
        return 0;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
