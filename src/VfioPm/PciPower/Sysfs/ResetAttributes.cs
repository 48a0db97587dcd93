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
    private static async KernelCall<KernelResult> Reset(PciDevice device, string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted) || wanted != 1)
        {
            return Errno.EINVAL;
        }

        await PmRuntime.GetSync(device.RuntimePm);
        KernelResult result = await PciReset.ResetFunction(device);
        await PmRuntime.Put(device.RuntimePm);
        return result;
    }

    /// <summary><c>reset_method_show()</c>.</summary>
    private static KernelCall<SysfsResult> ShowMethods(PciDevice device) => device.ResetMethods.IsSupported
        ? string.Join(' ', device.ResetMethods.Methods.Select(NameOf))
        : SysfsResult.Nothing;

    /// <summary>None, those of the beginning, or some by name in the order in which they are to be tried (<c>reset_method_store()</c>).</summary>
    private static async KernelCall<KernelResult> SetMethods(PciDevice device, string value)
    {
        if (SysfsText.Is(value, ""))
        {
            device.ResetMethods.Set([]);
            return KernelResult.Success;
        }

        if (!device.Bus.Rules.ResetMethodsAreProbedAwake)
        {
            return SetProbed(device, value);
        }

        if ((await PmRuntime.GetActive(device.RuntimePm, RpmFlags.Transparent)).IsError)
        {
            return Errno.ENXIO;
        }

        KernelResult result = SetProbed(device, value);
        await PmRuntime.Put(device.RuntimePm);
        return result;
    }

    private static KernelResult SetProbed(PciDevice device, string value)
    {
        if (SysfsText.Is(value, "default"))
        {
            device.ResetMethods.Set(PciReset.FindMethods(device));
            return KernelResult.Success;
        }

        List<ResetMethod> methods = [];
        foreach (string name in value.Split(' ').Select(static word => word.Trim()).Where(static word => word.Length > 0))
        {
            bool isUsable = Names.TryGetValue(name, out ResetMethod method)
                && PciReset.Supports(device, method)
                && methods.Count < device.Bus.Rules.MostResetMethods;
            if (!isUsable)
            {
                return Errno.EINVAL;
            }

            methods.Add(method);
        }

        device.ResetMethods.Set(methods);
        return KernelResult.Success;
    }

    private static string NameOf(ResetMethod method) => Names.First(pair => pair.Value == method).Key;
}
