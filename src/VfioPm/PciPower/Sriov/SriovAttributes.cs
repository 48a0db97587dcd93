using System.Globalization;

namespace VfioPm;

/// <summary>The attributes that a physical function has in sysfs besides those of all functions.</summary>
internal readonly struct SriovAttributes(PciDevice device, PciSriov sriov)
{
    /// <summary>Reads one.</summary>
    /// <returns>Its text, or null if it is none of these.</returns>
    public string? Read(string attribute) => attribute switch
    {
        "sriov_totalvfs" => Number(sriov.TotalVfs),
        "sriov_numvfs" => Number(sriov.NumVfs),
        "sriov_offset" => Number(sriov.Offset),
        "sriov_stride" => Number(sriov.Stride),
        "sriov_vf_device" => sriov.VfDeviceId.ToString("x", CultureInfo.InvariantCulture),
        "sriov_drivers_autoprobe" => sriov.DriversAutoprobe ? "1" : "0",
        _ => null,
    };

    /// <summary>Writes one.</summary>
    /// <returns>What came of it; null if it is none of these.</returns>
    public async KernelCall<KernelResult?> Write(string attribute, string value) => attribute switch
    {
        "sriov_numvfs" => await SetNumVfs(value),
        "sriov_drivers_autoprobe" => SetDriversAutoprobe(value),
        _ => null,
    };

    /// <summary>
    /// Has the driver enable as many virtual functions, or take all away (<c>sriov_numvfs_store()</c>): there is no way
    /// from some to others.
    /// </summary>
    private async KernelCall<KernelResult> SetNumVfs(string value)
    {
        if (!ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort count))
        {
            return Errno.EINVAL;
        }

        if (count > sriov.TotalVfs)
        {
            return Errno.ERANGE;
        }

        using (await device.Lock.Lock())
        {
            return count == sriov.NumVfs ? KernelResult.Success
                : device.Driver is not { } driver ? Errno.ENOENT
                : count != 0 && sriov.NumVfs != 0 ? Errno.EBUSY
                : await driver.ConfigureSriov(device, count);
        }
    }

    /// <summary><c>kstrtobool()</c></summary>
    private KernelResult SetDriversAutoprobe(string value)
    {
        switch (value)
        {
            case ['y' or 'Y' or 't' or 'T' or '1', ..] or ['o' or 'O', 'n' or 'N', ..]:
                sriov.DriversAutoprobe = true;
                return KernelResult.Success;
            case ['n' or 'N' or 'f' or 'F' or '0', ..] or ['o' or 'O', 'f' or 'F', ..]:
                sriov.DriversAutoprobe = false;
                return KernelResult.Success;
            default:
                return Errno.EINVAL;
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
