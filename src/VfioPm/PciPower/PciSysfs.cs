using System.Globalization;

namespace VfioPm;

/// <summary>
/// The attributes of a function under <c>/sys/bus/pci/devices/…</c> that show and steer its power, as text
/// without the line's end.
/// </summary>
public sealed class PciSysfs : INumbered
{
    private readonly PciDevice _device;

    internal PciSysfs(PciDevice device) => _device = device;

    int INumbered.Index => _device.RuntimePm.Index;

    private RuntimePmSysfs Power => new(_device.RuntimePm);

    private SriovAttributes? Sriov => _device.Sriov is { } sriov ? new SriovAttributes(_device, sriov) : null;

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
                _ => Sriov?.Read(attribute) is { } text ? text : Power.Read(attribute),
            };
        }
    }

    /// <summary>Writes an attribute.</summary>
    /// <returns>0; -EINVAL for a value that the attribute does not take; -EIO, -ENOENT as for reading.</returns>
    public KernelResult Write(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using KernelEntry entry = KernelEntry.Call(_device.Core.Kernel, NameOfWrite(attribute, value), _device.Name);
        return entry.Run(Store(attribute, value));
    }

    /// <summary>Begins <see cref="Write"/>.</summary>
    public PendingCall BeginWrite(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using KernelEntry entry = KernelEntry.Begin(_device.Core.Kernel, NameOfWrite(attribute, value), _device.Name);
        return entry.Start(Store(attribute, value));
    }

    /// <summary>Those of the function in the fork.</summary>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return fork.Of(_device).Sysfs;
    }

    private static string NameOfWrite(string attribute, string value) => $"host writes {value} to {attribute}";

    private async KernelCall<KernelResult> Store(string attribute, string value) => attribute switch
    {
        "power/wakeup" when _device.CanWakeUp => SetWakeup(value),
        "d3cold_allowed" => await SetD3ColdAllowed(value),
        "enable" => await SetEnable(value),
        "reset" when _device.ResetMethods.HasAttributes => await Reset(value),
        "reset_method" when HasResetMethod => SetResetMethod(value),
        _ => await StoreOther(attribute, value),
    };

    private async KernelCall<KernelResult> StoreOther(string attribute, string value)
    {
        if (Sriov is { } sriov && await sriov.Write(attribute, value) is { } result)
        {
            return result;
        }

        return await Power.Write(attribute, value);
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

    private async KernelCall<KernelResult> SetD3ColdAllowed(string value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return Errno.EINVAL;
        }

        await _device.SetD3ColdAllowed(number != 0);
        return KernelResult.Success;
    }

    /// <summary>Only functions without a driver are enabled and disabled by hand (<c>enable_store()</c>).</summary>
    private async KernelCall<KernelResult> SetEnable(string value)
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
            return await _device.Enable();
        }

        if (_device.EnableCount == 0)
        {
            return Errno.EIO;
        }

        _device.Disable();
        return KernelResult.Success;
    }

    /// <summary>The function is awake while it is reset (<c>reset_store()</c>).</summary>
    private async KernelCall<KernelResult> Reset(string value)
    {
        if (value != "1")
        {
            return Errno.EINVAL;
        }

        await PmRuntime.GetSync(_device.RuntimePm);
        KernelResult result = await _device.ResetMethods.ResetFunction();
        await PmRuntime.Put(_device.RuntimePm);
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
