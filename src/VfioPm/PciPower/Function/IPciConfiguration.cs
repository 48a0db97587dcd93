namespace VfioPm;

/// <summary>
/// A function's configuration space: how a kernel reaches it, and what the kernel found in it when it enumerated the
/// function. The host's kernel has the silicon before it (<see cref="SiliconConfiguration"/>); a guest's leaves its machine
/// with each access, which takes as long as the host takes.
/// </summary>
internal interface IPciConfiguration : INumbered
{
    /// <summary>
    /// Whether the kernel has given the function up: of its own accesses none gets there any more (<c>pci_dev_is_disconnected()</c>), even
    /// if somebody is there again. Those that it makes for users do.
    /// </summary>
    bool IsDisconnected { get; set; }

    /// <summary>The registers as they were found; what is read-only is so for ever.</summary>
    ConfigurationSpace Found { get; }

    /// <summary>The capabilities that were found.</summary>
    CapabilityList Capabilities { get; }

    /// <summary>The PM capability that was found, or null.</summary>
    PmCapability? Pm { get; }

    /// <summary>The BARs that were found.</summary>
    IReadOnlyList<Bar> Bars { get; }

    /// <summary>What the kernel takes the function to need after D3hot (<c>d3hot_delay</c>).</summary>
    TimeSpan D3HotDelay { get; }

    /// <summary>What the kernel takes the function to need after it got power (<c>d3cold_delay</c>).</summary>
    TimeSpan D3ColdDelay { get; }

    /// <summary>Reads 1, 2 or 4 bytes (<c>pci_read_config_word()</c> and its like); all ones where nobody answers.</summary>
    KernelCall<uint> Read(int offset, int width);

    /// <summary>Writes as many (<c>pci_write_config_word()</c>); lost where nobody answers.</summary>
    KernelCall Write(int offset, int width, uint value);

    /// <summary>Reads as many, clears and sets bits, and writes them (<c>pci_clear_and_set_config_dword()</c> and its like).</summary>
    KernelCall Update(int offset, int width, uint clear, uint set);

    /// <summary>Reads what a snapshot is of.</summary>
    KernelCall Save(ConfigurationSnapshot copy);

    /// <summary>
    /// Writes a snapshot back: capabilities as they were, and of the header what differs, since some registers there do not like
    /// to be written; from its end, so that the BARs are right before Command lets the function decode them
    /// (<c>pci_restore_config_space()</c>).
    /// </summary>
    KernelCall Restore(ConfigurationSnapshot copy);
}
