namespace VfioPm;

/// <summary>What keeps the user of an open device from its memory (<c>__vfio_pci_memory_enabled()</c>, page faults).</summary>
internal static class MemoryFences
{
    /// <summary>The fences, in sentences without their full stops; none where the kernel lets the user through.</summary>
    public static IEnumerable<string> Of(VfioDeviceFile file)
    {
        VfioPciDevice device = file.Device;
        if (device.Session is not { } session)
        {
            yield return $"{device.Pci.Name} is not open";
            yield break;
        }

        if (!session.Configuration.IsMemoryEnabled)
        {
            yield return "the guest has not set Memory Space Enable in COMMAND";
        }
        else if (!session.IsMemoryEnabled)
        {
            yield return $"{device.Pci.Name} is in {device.Pci.PowerState.KernelName}, where this kernel fences memory off";
        }

        if (device.Power.IsLowPowerPermitted)
        {
            yield return "the user has permitted low power: mappings fault until he takes that back";
        }
    }
}
