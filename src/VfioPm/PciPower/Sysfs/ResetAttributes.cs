namespace VfioPm;

/// <summary>
/// <c>reset</c> and <c>reset_method</c>: functions have them for which there was a method when they were found
/// (<c>pci_dev_reset_attr_is_visible()</c>).
/// </summary>
internal static class ResetAttributes
{
    private static readonly Dictionary<string, ResetMethod> Names = new()
    {
        ["device_specific"] = ResetMethod.DeviceSpecific,
        ["acpi"] = ResetMethod.Acpi,
        ["flr"] = ResetMethod.Flr,
        ["af_flr"] = ResetMethod.AfFlr,
        ["pm"] = ResetMethod.Pm,
        ["bus"] = ResetMethod.Bus,
        ["cxl_bus"] = ResetMethod.CxlBus,
    };

    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("reset") { IsThere = static device => device.ResetMethods.HasAttributes, Store = Reset },
        new("reset_method")
        {
            IsThere = static device =>
                device.ResetMethods.HasAttributes && device.Bus.Rules.HasResetMethodAttribute,
            Show = ShowMethods,
            Store = SetMethods,
        },
    ];

    /// <summary>The function is awake while it is reset (<c>reset_store()</c>).</summary>
    private static async KernelCall<int> Reset(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted) || wanted != 1)
        {
            return -Errno.EINVAL;
        }

        await PmRuntime.GetSync(device.RuntimePm);
        int result = await PciReset.ResetFunction(device);
        await PmRuntime.Put(device.RuntimePm);
        return result;
    }

    /// <summary><c>reset_method_show()</c>.</summary>
    private static KernelCall<SysfsResult> ShowMethods(PciDevice device) => device.ResetMethods.IsSupported
        ? string.Join(' ', device.ResetMethods.Methods.Select(NameOf))
        : SysfsResult.Nothing;

    /// <summary>None, those of the beginning, or some by name in the order in which they are to be tried (<c>reset_method_store()</c>).</summary>
    private static async KernelCall<int> SetMethods(PciDevice device, string value)
    {
        if (SysfsText.Is(value, ""))
        {
            device.ResetMethods.Set([]);
            PciPowerLog.NoResets(device.Logger, device.Name);
            return 0;
        }

        if (!device.Bus.Rules.ResetMethodsAreProbedAwake)
        {
            return SetProbed(device, value);
        }

        if (await PmRuntime.GetActive(device.RuntimePm, RpmFlags.Transparent) < 0)
        {
            return -Errno.ENXIO;
        }

        int result = SetProbed(device, value);
        await PmRuntime.Put(device.RuntimePm);
        return result;
    }

    private static int SetProbed(PciDevice device, string value)
    {
        if (SysfsText.Is(value, "default"))
        {
            device.ResetMethods.Set(PciReset.FindMethods(device));
            return 0;
        }

        List<ResetMethod> methods = [];
        foreach (string word in SysfsText.Words(value))
        {
            if (!IsUsable(device, word, methods.Count, out ResetMethod method))
            {
                return -Errno.EINVAL;
            }

            methods.Add(method);
        }

        if (PciReset.Supports(device, ResetMethod.DeviceSpecific) && methods is not [ResetMethod.DeviceSpecific, ..])
        {
            PciPowerLog.OtherResetFirst(device.Logger, device.Name);
        }

        device.ResetMethods.Set([.. methods]);
        return 0;
    }

    private static bool IsUsable(PciDevice device, string name, int before, out ResetMethod method)
    {
        bool isKnown = Names.TryGetValue(name, out method) && (method != ResetMethod.CxlBus || device.Bus.Rules.HasCxlBusReset);
        if (!isKnown)
        {
            PciPowerLog.InvalidReset(device.Logger, device.Name, name);
        }
        else if (!PciReset.Supports(device, method))
        {
            PciPowerLog.UnsupportedReset(device.Logger, device.Name, name);
        }
        else if (before == device.Bus.Rules.MostResetMethods)
        {
            PciPowerLog.TooManyResets(device.Logger, device.Name);
        }
        else
        {
            return true;
        }

        return false;
    }

    private static string NameOf(ResetMethod method) => Names.First(pair => pair.Value == method).Key;
}
