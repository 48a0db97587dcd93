
namespace VfioPm.Tests;

/// <summary>
/// Just enough of vfio-pci around a <see cref="VirtualConfiguration"/> to play recordings of configuration accesses:
/// what open and close leave in the registers, what the PCI core's power state changes do, and the usage count.
/// </summary>
internal sealed class RecordedDevice : IConfigurationHooks, IUserPowerHooks
{
    private readonly PciFunction _function;
    private readonly SiliconConfiguration _hardware;
    private readonly ConfigurationRules _rules;
    private readonly FunctionFacts _facts;
    private uint[] _savedAtOpen = [];
    private uint[] _savedInD3 = [];
    private PowerState _currentState;
    private PowerState _runtimeState;

    public RecordedDevice(DeviceImage image, ConfigurationRules rules)
    {
        _function = PciFunction.Standalone(EmulatedDevice.Refine(image, hasPmcsr: true), HardwareBehavior.Emulator);
        _hardware = new SiliconConfiguration(_function);
        _rules = rules;
        _facts = new FunctionFacts
        {
            VendorId = (ushort)_function.ReadConfig(PciRegisters.VendorId, 2),
            DeviceId = (ushort)_function.ReadConfig(PciRegisters.DeviceId, 2),
            Bars = new BarResources(_function),
        };
    }

    public int Index => 0;

    public VirtualConfiguration? Configuration { get; private set; }

    public int UsageCount { get; private set; }

    /// <summary>How often the hardware was accessed while low power was asked for.</summary>
    public int GuardedAccesses { get; private set; }

    public bool IsMsiEnabled { get; set; }

    public int MsiQueueSize { get; set; }

    /// <summary>What <c>vfio_pci_core_enable()</c> does to the registers.</summary>
    public void Open()
    {
        UsageCount++;
        uint command = _hardware.Read(PciRegisters.Command, 2);
        command &= ~(uint)(PciRegisters.CommandMaster | PciRegisters.CommandInterruptDisable);
        foreach (Bar bar in _function.Bars)
        {
            command |= bar.IsIo ? PciRegisters.CommandIo : PciRegisters.CommandMemory;
        }

        _hardware.Write(PciRegisters.Command, 2, command);
        _savedAtOpen = Save();
        VirtualConfiguration.Create(_hardware, this, this, _rules, _facts, out VirtualConfiguration? configuration);
        Configuration = configuration;
    }

    /// <summary>What <c>vfio_pci_core_disable()</c> does to them.</summary>
    public void Close()
    {
        if (Configuration!.ForgetLowPower())
        {
            GetForFullPower();
        }

        SetPowerState(PowerState.D0);
        Restore(_savedAtOpen);
        IsMsiEnabled = false;
        Configuration = null;
        UsageCount--;
    }

    public byte[] HostRead(int offset, int length) =>
        [.. Enumerable.Range(offset, length).Select(at => (byte)_hardware.Read(at, 1))];

    // Words where there are two bytes: a power state must not be written in halves.
    public void HostWrite(int offset, byte[] data)
    {
        for (int i = 0; i < data.Length; i += 2)
        {
            bool isWord = i + 1 < data.Length;
            _hardware.Write(offset + i, isWord ? 2 : 1, (uint)(data[i] | (isWord ? data[i + 1] << 8 : 0)));
        }
    }

    /// <summary>The kernel's reset keeps configuration space, but for the power state.</summary>
    public KernelCall TryResetFunction() => SetPowerState(PowerState.D0);

    /// <summary>
    /// The PCI core's runtime suspend and resume, at the moments of the recording: what was changed meanwhile is lost.
    /// </summary>
    public void FollowRuntimePm(PowerState state)
    {
        if (state != PowerState.D0 && _runtimeState == PowerState.D0)
        {
            _savedInD3 = Save();
        }
        else if (state == PowerState.D0 && _runtimeState != PowerState.D0)
        {
            Restore(_savedInD3);
        }

        _runtimeState = state;
    }

    /// <summary><c>pci_set_power_state()</c> with the kernel's own idea of the present state.</summary>
    public KernelCall SetPowerState(PowerState state)
    {
        bool isAllowed = state == PowerState.D0 || _currentState < state;
        if (_function.Pm is { } pm && state != _currentState && isAllowed && pm.Supports(state))
        {
            if (state == PowerState.D3Hot)
            {
                _savedInD3 = Save();
            }

            PowerState before = _currentState;
            uint controlStatus = _hardware.Read(pm.ControlStatusOffset, 2) & ~(uint)PmRegisters.StateMask;

            // On the way out of D3hot the kernel writes the whole register (pci_raw_set_power_state(), pci_power_up()).
            _hardware.Write(
                pm.ControlStatusOffset, 2, before == PowerState.D3Hot ? (uint)state : controlStatus | (uint)state);
            _currentState = pm.State;
            if (before == PowerState.D3Hot && _currentState == PowerState.D0 && !pm.NoSoftReset)
            {
                // vfio_pci_set_power_state(): what was changed in D3hot is lost.
                Restore(_savedInD3);
            }
        }

        return KernelCall.Returned;
    }

    /// <summary>What setting up MSI-X does to its control register.</summary>
    public void EnableMsiX(bool on)
    {
        if (_function.Capabilities.Find(CapabilityId.MsiX) is { } capability)
        {
            _hardware.Write(capability.Offset + MsiRegisters.MessageControl, 2, on ? 0x8000u : 0);
        }
    }

    public KernelCall<LockScope> LockMemory(bool takeAway) => default(LockScope);

    public void RestoreDmaBufs()
    {
    }

    public bool IsIntxDisabled { get; private set; }

    public KernelCall SetIntxDisabled(bool value)
    {
        IsIntxDisabled = value;
        return KernelCall.Returned;
    }

    public void TellPowerStateAsked(PowerState state)
    {
    }

    /// <summary><c>vfio_pci_intx_mask()</c> of a function that can mask INTx, with no interrupt set up.</summary>
    public KernelCall MaskIntx() => SetInterruptDisable(PciRegisters.CommandInterruptDisable);

    public KernelCall UnmaskIntx() => SetInterruptDisable(0);

    public KernelCall<VpdBytes> ReadVpd(int address) => new VpdBytes(-Errno.ENODEV, 0);

    public KernelCall<int> WriteVpd(int address, uint data) => -Errno.ENODEV;

    public KernelCall PutForLowPower()
    {
        UsageCount--;
        return KernelCall.Returned;
    }

    public KernelCall GetForFullPower()
    {
        UsageCount++;
        FollowRuntimePm(PowerState.D0);
        return KernelCall.Returned;
    }

    public void BeginUserAccess() => UsageCount++;

    public KernelCall EndUserAccess()
    {
        UsageCount--;
        return KernelCall.Returned;
    }

    public KernelCall BeginHardwareAccess()
    {
        UsageCount++;
        GuardedAccesses++;
        if (_runtimeState == PowerState.D3Cold)
        {
            FollowRuntimePm(PowerState.D0);
        }

        return KernelCall.Returned;
    }

    public void EndHardwareAccess() => UsageCount--;

    private KernelCall SetInterruptDisable(uint bits)
    {
        uint command = _hardware.Read(PciRegisters.Command, 2) & ~(uint)PciRegisters.CommandInterruptDisable;
        _hardware.Write(PciRegisters.Command, 2, command | bits);
        return KernelCall.Returned;
    }

    private uint[] Save() =>
        [.. Enumerable.Range(0, _hardware.Size / 4).Select(i => _hardware.Read(4 * i, 4))];

    private void Restore(uint[] saved)
    {
        int? pm = _function.Pm?.ControlStatusOffset;
        for (int i = 0; i < saved.Length; i++)
        {
            if (4 * i != pm)
            {
                _hardware.Write(4 * i, 4, saved[i]);
            }
        }
    }

    public IForkable Fork(ForkContext fork) => throw new NotSupportedException();
}
