using System.Globalization;

namespace VfioPm;

/// <summary>
/// The attributes of a function under <c>/sys/bus/pci/devices/…</c> that show and steer its power, as text
/// without the line's end.
/// </summary>
public sealed class PciSysfs
{
    private readonly PciDevice _device;

    internal PciSysfs(PciDevice device) => _device = device;

    private RuntimePmSysfs Power => new(_device.RuntimePm);

    private PciPowerRules Rules => _device.Topology.Rules;

    private bool HasResetMethod => Rules.HasResetMethodAttribute && _device.ResetMethods.HasAttributes;

    /// <summary>Reads an attribute, such as "power/control" or "power_state".</summary>
    /// <returns>The text, or the error: -ENOENT without such an attribute, -EIO where it does not apply now.</returns>
    public SysfsResult Read(string attribute)
    {
        lock (_device.Core.Clock.Gate)
        {
            return attribute switch
            {
                "power_state" when Rules.HasPowerStateAttribute => _device.PowerState.KernelName,
                "d3cold_allowed" => Flag(_device.D3ColdAllowed),
                "reset_method" when HasResetMethod =>
                    string.Join(' ', _device.ResetMethods.Methods.Select(NameOf)),
                "power/wakeup" when _device.CanWakeUp => _device.MayWakeUp ? "enabled" : "disabled",
                "enable" => Number(_device.EnableCount),
                "msi_bus" => "1",
                _ => Power.Read(attribute),
            };
        }
    }

    /// <summary>Writes an attribute.</summary>
    /// <returns>0; -EINVAL for a value that the attribute does not take; -EIO, -ENOENT as for reading.</returns>
    public KernelResult Write(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using (new EntryScope(_device.Core.Clock, $"host writes {value} to {attribute}", _device.Name))
        {
            return attribute switch
            {
                "power/wakeup" when _device.CanWakeUp => SetWakeup(value),
                "d3cold_allowed" => SetD3ColdAllowed(value),
                "enable" => SetEnable(value),
                "reset" when _device.ResetMethods.HasAttributes => Reset(value),
                "reset_method" when HasResetMethod => SetResetMethod(value),
                _ => Power.Write(attribute, value),
            };
        }
    }

    private KernelResult SetWakeup(string value)
    {
        if (value is not ("enabled" or "disabled"))
        {
            return Errno.EINVAL;
        }

        // The port above is not told: it will only look again when something else about the function changes.
        _device.MayWakeUp = value == "enabled";
        return KernelResult.Success;
    }

    private KernelResult SetD3ColdAllowed(string value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return Errno.EINVAL;
        }

        _device.SetD3ColdAllowed(number != 0);
        return KernelResult.Success;
    }

    /// <summary>Only functions without a driver are enabled and disabled by hand (<c>enable_store()</c>).</summary>
    private KernelResult SetEnable(string value)
    {
        if (value is not ("0" or "1"))
        {
            return Errno.EINVAL;
        }

        if (_device.Driver is not null)
        {
            return Errno.EBUSY;
        }

        if (value == "1")
        {
            return _device.Enable();
        }

        if (_device.EnableCount == 0)
        {
            return Errno.EIO;
        }

        _device.Disable();
        return KernelResult.Success;
    }

    /// <summary>The function is awake while it is reset (<c>reset_store()</c>).</summary>
    private KernelResult Reset(string value)
    {
        if (value != "1")
        {
            return Errno.EINVAL;
        }

        _device.RuntimePm.GetSync();
        KernelResult result = _device.ResetMethods.ResetFunction();
        _device.RuntimePm.Put();
        return result;
    }

    private KernelResult SetResetMethod(string value)
    {
        if (value is not ("" or "default"))
        {
            return Errno.EINVAL;
        }

        _device.ResetMethods.Set(useDefault: value == "default");
        return KernelResult.Success;
    }

    private static string NameOf(ResetMethod method) => method switch
    {
        ResetMethod.Flr => "flr",
        ResetMethod.AfFlr => "af_flr",
        ResetMethod.Pm => "pm",
        _ => "bus",
    };

    private static string Flag(bool value) => value ? "1" : "0";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
