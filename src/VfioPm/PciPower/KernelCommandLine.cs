namespace VfioPm;

/// <summary>What the kernel's command line says of PCI (<c>Documentation/admin-guide/kernel-parameters.txt</c>).</summary>
public sealed record KernelCommandLine
{
    /// <summary>Whether ports sleep (<c>pcie_port_pm=</c>).</summary>
    public PciePortPm PortPm { get; init; }

    /// <summary>
    /// The kernel takes hotplug whatever the firmware says (<c>pcie_ports=native</c>; <see cref="Firmware.GrantsHotplug"/>).
    /// </summary>
    public bool HasNativePorts { get; init; }

    /// <summary>Reads what a boot loader gives the kernel, such as "quiet pcie_port_pm=off".</summary>
    /// <param name="text">Parameters, with spaces in between. Those that have nothing to do with PCI are passed over.</param>
    /// <exception cref="ArgumentException">A parameter of PCI that is not modelled, or a value that it does not have.</exception>
    public static KernelCommandLine Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = new KernelCommandLine();
        foreach (string parameter in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            line = parameter switch
            {
                "pcie_port_pm=off" => line with { PortPm = PciePortPm.Off },
                "pcie_port_pm=force" => line with { PortPm = PciePortPm.Force },
                "pcie_ports=native" => line with { HasNativePorts = true },
                _ when parameter.StartsWith("pci", StringComparison.Ordinal) => throw new ArgumentException(
                    $"\"{parameter}\" is not modelled; there are pcie_port_pm=off, pcie_port_pm=force and pcie_ports=native.",
                    nameof(text)),
                _ => line,
            };
        }

        return line;
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add((int)PortPm);
        hash.Add(HasNativePorts);
    }
}

/// <summary>What the administrator says of the sleep of ports (<c>pcie_port_pm=</c>).</summary>
public enum PciePortPm
{
    /// <summary>Nothing: the kernel judges each port.</summary>
    Default,

    /// <summary>No port sleeps (<c>pci_bridge_d3_disable</c>).</summary>
    Off,

    /// <summary>Every port may sleep whose hotplug the kernel has (<c>pci_bridge_d3_force</c>).</summary>
    Force,
}
