namespace VfioPm;

/// <summary>
/// The virtual device's configuration space as the guest's kernel found it when it enumerated the device, and the copy
/// that it keeps over a sleep.
/// </summary>
internal sealed class GuestConfiguration : IConfigurationAccess
{
    // What the kernel takes for a function that says nothing else (PCI_PM_D3HOT_WAIT).
    private static readonly TimeSpan D3HotDelay = TimeSpan.FromMilliseconds(10);

    private readonly VirtualDevice _device;
    private readonly ConfigurationSnapshot _saved;

    public GuestConfiguration(VirtualDevice device)
    {
        _device = device;
        CapabilityList capabilities = CapabilityList.Walk(device.ReadAllConfig());
        PmOffset = capabilities.Find(CapabilityId.PowerManagement)?.Offset;
        PciPowerRules rules = device.File.Device.Pci.Topology.Rules;
        _saved = new ConfigurationSnapshot(SavedRegisters.Of(new SavedLayout(capabilities, this, rules)));
    }

    private GuestConfiguration(GuestConfiguration original, VirtualDevice device)
    {
        _device = device;
        PmOffset = original.PmOffset;
        _saved = original._saved.Copy();
    }

    /// <summary>Where the PM capability begins, if the guest is shown one.</summary>
    public int? PmOffset { get; }

    private int PmcsrOffset => PmOffset!.Value + PmRegisters.ControlStatus;

    public static TimeSpan TransitionDelay(PowerState state) => PciDevice.TransitionDelay(state, D3HotDelay);

    public uint ReadConfig(int offset, int width) => _device.ReadConfig(offset, width);

    public void WriteConfig(int offset, int width, uint value) => _device.WriteConfig(offset, width, value);

    /// <summary>The state in PMCSR; D3cold when nobody answers, since all ones are not a possible value of it.</summary>
    public PowerState ReadState()
    {
        uint pmcsr = ReadConfig(PmcsrOffset, 2);
        return pmcsr == ushort.MaxValue ? PowerState.D3Cold : (PowerState)(pmcsr & PmRegisters.StateMask);
    }

    /// <summary>Writes PMCSR: on the way to D0 all zeroes, else only the state changes.</summary>
    public void WriteState(PowerState state)
    {
        uint others = state == PowerState.D0 ? 0 : ReadConfig(PmcsrOffset, 2) & ~(uint)PmRegisters.StateMask;
        WriteConfig(PmcsrOffset, 2, others | (uint)state);
    }

    /// <summary>Lets the device decode its BARs and master the bus (<c>pci_enable_device()</c>, <c>pci_set_master()</c>).</summary>
    public void Enable()
    {
        uint set = PciRegisters.CommandMaster;
        for (int bar = PciRegisters.BaseAddress0; bar < PciRegisters.BaseAddress0 + 24; bar += 4)
        {
            uint value = ReadConfig(bar, 4);
            set |= value == 0 ? 0u : (value & 1) != 0 ? PciRegisters.CommandIo : (uint)PciRegisters.CommandMemory;
        }

        UpdateCommand(clear: 0, set);
    }

    public void UpdateCommand(uint clear, uint set) =>
        WriteConfig(PciRegisters.Command, 2, (ReadConfig(PciRegisters.Command, 2) & ~clear) | set);

    /// <summary><c>pci_save_state()</c>.</summary>
    public void Save() => _saved.Take(this);

    /// <summary><c>pci_restore_state()</c>: what the device kept is not written.</summary>
    public void Restore() => _saved.WriteTo(this);

    public GuestConfiguration CopyFor(VirtualDevice device) => new(this, device);

    public void AddTo(ref StateHash hash) => _saved.AddTo(ref hash);
}
