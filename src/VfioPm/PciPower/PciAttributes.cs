using System.Globalization;

namespace VfioPm;

/// <summary>What the attributes of a function in sysfs show and do (<c>drivers/pci/pci-sysfs.c</c>).</summary>
internal sealed class PciAttributes : ISysfsAttributes
{
    private readonly PciDevice _device;

    public PciAttributes(PciDevice device) => _device = device;

    int INumbered.Index => _device.RuntimePm.Index;

    private RuntimePmSysfs Power => new(_device.RuntimePm);

    private SriovAttributes? Sriov => _device.Sriov is { } sriov ? new SriovAttributes(_device, sriov) : null;

    private PciPowerRules Rules => _device.Bus.Rules;

    private bool HasResetMethod => Rules.HasResetMethodAttribute && _device.ResetMethods.HasAttributes;

    public SysfsResult Read(string attribute) => attribute switch
    {
        "power_state" when Rules.HasPowerStateAttribute => _device.PowerState.KernelName,
        "d3cold_allowed" => Flag(_device.D3ColdAllowed),
        "reset_method" when HasResetMethod => string.Join(' ', _device.ResetMethods.Methods.Select(NameOf)),
        "power/wakeup" when _device.CanWakeUp => _device.MayWakeUp ? "enabled" : "disabled",
        "enable" => Number(_device.EnableCount),
        "msi_bus" => "1",
        _ => Sriov?.Read(attribute) is { } text ? text : Power.Read(attribute),
    };

    public async KernelCall<KernelResult> Write(string attribute, string value) => attribute switch
    {
        "power/wakeup" when _device.CanWakeUp => SetWakeup(value),
        "d3cold_allowed" => await SetD3ColdAllowed(value),
        "enable" => await SetEnable(value),
        "reset" when _device.ResetMethods.HasAttributes => await Reset(value),
        "reset_method" when HasResetMethod => SetResetMethod(value),
        _ => await WriteOther(attribute, value),
    };

    /// <summary>Those of the function in the fork.</summary>
    public IForkable Fork(ForkContext fork) => new PciAttributes(fork.Of(_device));

    private async KernelCall<KernelResult> WriteOther(string attribute, string value)
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
        _device.Wakeup.MayWakeUp = value == "enabled";
        return KernelResult.Success;
    }

    /// <summary>
    /// The port above thinks again, and the function is resumed so that its next sleep is of the right depth
    /// (<c>d3cold_allowed_store()</c>).
    /// </summary>
    private async KernelCall<KernelResult> SetD3ColdAllowed(string value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return Errno.EINVAL;
        }

        _device.Power.D3ColdAllowed = number != 0;
        PciPm.UpdateBridgeD3(_device);
        await PmRuntime.Resume(_device.RuntimePm);
        return KernelResult.Success;
    }

    /// <summary>Only functions without a driver are enabled and disabled by hand (<c>enable_store()</c>).</summary>
    private async KernelCall<KernelResult> SetEnable(string value)
    {
        if (value is not ("0" or "1"))
        {
            return Errno.EINVAL;
        }

        using (await _device.Lock.Lock())
        {
            return _device.Driver is not null ? Errno.EBUSY
                : value == "1" ? await PciPm.Enable(_device)
                : await Disable();
        }
    }

    private async KernelCall<KernelResult> Disable()
    {
        if (_device.EnableCount == 0)
        {
            return Errno.EIO;
        }

        await PciPm.Disable(_device);
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
        KernelResult result = await PciReset.ResetFunction(_device);
        await PmRuntime.Put(_device.RuntimePm);
        return result;
    }

    private KernelResult SetResetMethod(string value)
    {
        if (value is not ("" or "default"))
        {
            return Errno.EINVAL;
        }

        _device.ResetMethods.Set(value == "default" ? PciReset.FindMethods(_device) : []);
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
