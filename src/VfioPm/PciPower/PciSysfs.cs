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

    private SriovAttributes? Sriov => _device.Sriov is { } sriov ? new SriovAttributes(_device, sriov) : null;

    private PciPowerRules Rules => _device.Topology.Rules;

    private bool HasResetMethod => Rules.HasResetMethodAttribute && _device.ResetMethods.HasAttributes;

    /// <summary>Reads an attribute, such as "power/control" or "power_state".</summary>
    /// <returns>The text, or the error: -ENOENT without such an attribute, -EIO where it does not apply now.</returns>
    public SysfsResult Read(string attribute)
    {
        lock (_device.Core.Clock.Gate)
        {
            RuntimePmDevice runtime = _device.RuntimePm;
            return attribute switch
            {
                "power_state" when Rules.HasPowerStateAttribute => _device.PowerState.KernelName,
                "d3cold_allowed" => Flag(_device.D3ColdAllowed),
                "reset_method" when HasResetMethod =>
                    string.Join(' ', _device.ResetMethods.Methods.Select(NameOf)),
                "power/control" => runtime.RuntimeAuto ? "auto" : "on",
                "power/runtime_status" => NameOf(runtime),
                "power/runtime_usage" => Number(runtime.UsageCount),
                "power/runtime_active_kids" => Number(runtime.IgnoresChildren ? 0 : runtime.ChildCount),
                "power/runtime_enabled" => NameOfEnabled(runtime),
                "power/autosuspend_delay_ms" => runtime.UseAutosuspend ? Number(runtime.AutosuspendDelay) : Errno.EIO,
                "power/wakeup" when _device.CanWakeUp => _device.MayWakeUp ? "enabled" : "disabled",
                "enable" => Number(_device.EnableCount),
                "power/async" => "enabled",
                "msi_bus" => "1",
                _ => Sriov?.Read(attribute) is { } text ? text : Errno.ENOENT,
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
                "power/control" => SetControl(value),
                "power/autosuspend_delay_ms" => SetAutosuspendDelay(value),
                "power/wakeup" when _device.CanWakeUp => SetWakeup(value),
                "d3cold_allowed" => SetD3ColdAllowed(value),
                "enable" => SetEnable(value),
                "reset" when _device.ResetMethods.HasAttributes => Reset(value),
                "reset_method" when HasResetMethod => SetResetMethod(value),
                _ => Sriov?.Write(attribute, value) ?? Errno.ENOENT,
            };
        }
    }

    private KernelResult SetControl(string value)
    {
        switch (value)
        {
            case "auto":
                _device.RuntimePm.Allow();
                return KernelResult.Success;
            case "on":
                _device.RuntimePm.Forbid();
                return KernelResult.Success;
            default:
                return Errno.EINVAL;
        }
    }

    private KernelResult SetAutosuspendDelay(string value)
    {
        if (!_device.RuntimePm.UseAutosuspend)
        {
            return Errno.EIO;
        }

        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int delay))
        {
            return Errno.EINVAL;
        }

        _device.RuntimePm.SetAutosuspendDelay(delay);
        return KernelResult.Success;
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

    /// <summary><c>rpm_status</c>: an error shows before the status, a disabled device as unsupported.</summary>
    private static string NameOf(RuntimePmDevice runtime) =>
        runtime.RuntimeError.Value != 0 ? "error"
        : !runtime.IsEnabled ? "unsupported"
        : runtime.Status switch
        {
            RuntimeStatus.Active => "active",
            RuntimeStatus.Resuming => "resuming",
            RuntimeStatus.Suspended => "suspended",
            _ => "suspending",
        };

    private static string NameOfEnabled(RuntimePmDevice runtime) => (runtime.IsEnabled, runtime.RuntimeAuto) switch
    {
        (true, true) => "enabled",
        (true, false) => "forbidden",
        (false, true) => "disabled",
        _ => "disabled & forbidden",
    };

    private static string Flag(bool value) => value ? "1" : "0";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
