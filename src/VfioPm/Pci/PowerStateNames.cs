namespace VfioPm;

/// <summary>Power states as the kernel writes them in sysfs and in its log, and this library in all that people read.</summary>
internal static class PowerStateNames
{
    extension(PowerState state)
    {
        /// <summary>"D3hot" (<c>pci_power_name()</c>).</summary>
        public string KernelName => state switch
        {
            PowerState.D3Hot => "D3hot",
            PowerState.D3Cold => "D3cold",
            PowerState.Unknown => "unknown",
            _ => state.ToString(),
        };
    }
}
