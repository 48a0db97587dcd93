namespace VfioPm;

/// <summary>Where hardware and guest see another power state than the kernel: most bugs are such a difference.</summary>
internal static class OtherViews
{
    /// <summary>"; hardware in D0; guest reads D3hot", or nothing where all agree.</summary>
    public static string Of(PciDevice device)
    {
        string hardware = device.Hardware.PowerState != device.PowerState
            ? $"; hardware in {device.Hardware.PowerState.KernelName}"
            : "";
        string guest = VfioPciDriver.TryFind(device)?.PowerStateShown is { } shown && shown != device.PowerState
            ? $"; guest reads {shown.KernelName}"
            : "";
        return hardware + guest;
    }
}
