namespace VfioPm;

/// <summary>
/// The virtual device's configuration space as a guest's kernel, or the VMM, found it when it enumerated the device, and the
/// copy that it keeps over a sleep. Each access leaves the guest.
/// </summary>
internal sealed class GuestConfiguration : INumbered
{
    // What the kernel takes for a function that says nothing else (PCI_PM_D3HOT_WAIT).
    private static readonly TimeSpan D3HotDelay = TimeSpan.FromMilliseconds(10);

    private readonly VirtualDevice _device;
    private readonly Kernel _kernel;
    private readonly ConfigurationSnapshot _saved;

    private GuestConfiguration(VirtualDevice device, Kernel kernel, byte[] found)
    {
        _device = device;
        _kernel = kernel;
        CapabilityList capabilities = CapabilityList.Walk(found);
        PmOffset = capabilities.Find(CapabilityId.PowerManagement)?.Offset;
        PciPowerRules rules = device.File.Device.Pci.Bus.Rules;
        _saved = new ConfigurationSnapshot(SavedRegisters.Of(new SavedLayout(capabilities, new FoundRegisters(found), rules)));
    }

    private GuestConfiguration(GuestConfiguration original, ForkContext fork)
    {
        fork.Register(original, this);
        _device = fork.Of(original._device);
        _kernel = fork.Of(original._kernel);
        PmOffset = original.PmOffset;
        _saved = new ConfigurationSnapshot(original._saved);
    }

    public int Index => _device.Index;

    /// <summary>Where the PM capability begins, if the guest is shown one.</summary>
    public int? PmOffset { get; }

    private int PmcsrOffset => PmOffset!.Value + PmRegisters.ControlStatus;

    /// <summary>Enumerates the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="kernel">Whose threads access it: the guest's kernel, or the host's for the VMM.</param>
    public static async KernelCall<GuestConfiguration> Find(VirtualDevice device, Kernel kernel)
    {
        UserMemory found = await device.ReadAllConfig(kernel);
        return new GuestConfiguration(device, kernel, found.Bytes.ToArray());
    }

    public static TimeSpan TransitionDelay(PowerState state) => PciPower.TransitionDelay(state, D3HotDelay);

    /// <summary>The state in PMCSR; D3cold when nobody answers, since all ones are not a possible value of it.</summary>
    public async KernelCall<PowerState> ReadState()
    {
        uint pmcsr = await Read(PmcsrOffset, 2);
        return pmcsr == ushort.MaxValue ? PowerState.D3Cold : (PowerState)(pmcsr & PmRegisters.StateMask);
    }

    /// <summary>Writes PMCSR: on the way to D0 all zeroes, else only the state changes.</summary>
    public async KernelCall WriteState(PowerState state)
    {
        uint others = state == PowerState.D0 ? 0 : await Read(PmcsrOffset, 2) & ~(uint)PmRegisters.StateMask;
        await Write(PmcsrOffset, 2, others | (uint)state);
    }

    /// <summary>Lets the device decode its BARs and master the bus (<c>pci_enable_device()</c>, <c>pci_set_master()</c>).</summary>
    public async KernelCall Enable()
    {
        uint set = PciRegisters.CommandMaster;
        for (int bar = PciRegisters.BaseAddress0; bar < PciRegisters.BaseAddress0 + 24; bar += 4)
        {
            uint value = await Read(bar, 4);
            set |= value == 0 ? 0u : (value & 1) != 0 ? PciRegisters.CommandIo : (uint)PciRegisters.CommandMemory;
        }

        await UpdateCommand(clear: 0, set);
    }

    public async KernelCall UpdateCommand(uint clear, uint set)
    {
        uint command = await Read(PciRegisters.Command, 2);
        await Write(PciRegisters.Command, 2, (command & ~clear) | set);
    }

    /// <summary><c>pci_save_state()</c>.</summary>
    public async KernelCall Save()
    {
        for (int i = 0; i < _saved.Registers.Count; i++)
        {
            uint value = await Read(_saved.Registers[i].Offset, _saved.Registers[i].Width);
            _saved[i] = value;
        }
    }

    /// <summary><c>pci_restore_state()</c>: what the device kept is not written.</summary>
    public async KernelCall Restore()
    {
        for (int i = 0; i < _saved.Registers.Count; i++)
        {
            SavedRegister register = _saved.Registers[i];
            uint before = register.DependsOnHardware ? await Read(register.Offset, register.Width) : 0;
            if (_saved.NeedsWrite(i, before, out uint value))
            {
                await Write(register.Offset, register.Width, value);
            }
        }
    }

    public IForkable Fork(ForkContext fork) => new GuestConfiguration(this, fork);

    public void AddTo(ref StateHash hash)
    {
        _saved.AddTo(ref hash);
        hash.Add(PmOffset ?? -1);
    }

    private KernelCall<uint> Read(int offset, int width) => _device.ReadConfig(_kernel, offset, width);

    private KernelCall Write(int offset, int width, uint value) => _device.WriteConfig(_kernel, offset, width, value);

    /// <summary>The registers as they were found, which are never written.</summary>
    private sealed class FoundRegisters(byte[] found) : IConfigurationAccess
    {
        private readonly ConfigurationBytes _bytes = new(found);

        public uint ReadConfig(int offset, int width) => _bytes[offset, width];

        public void WriteConfig(int offset, int width, uint value) => throw new NotSupportedException();
    }
}
