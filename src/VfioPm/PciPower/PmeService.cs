namespace VfioPm;

/// <summary>The PME service of a root port: who sent a PME is asked to resume (<c>drivers/pci/pcie/pme.c</c>).</summary>
internal sealed class PmeService : WorkItem, IPmeService
{
    private readonly PciDevice _port;
    private bool _wakesMachine;

    public PmeService(PciDevice port) => _port = port;

    private PmeService(PmeService original, ForkContext fork)
        : base(original, fork)
    {
        _port = fork.Of(original._port);
        _wakesMachine = original._wakesMachine;
    }

    public override int Index => _port.RuntimePm.Index;

    protected override Kernel Kernel => _port.Kernel;

    /// <summary>It begins when the interrupt arrives.</summary>
    protected override Frozen FrozenWith => Frozen.Interrupts;

    public override string? Device => _port.Name;

    private int Control => _port.Express!.Offset + ExpressRegisters.RootControl;

    private int Status => _port.Express!.Offset + ExpressRegisters.RootStatus;

    /// <summary><c>pcie_pme_probe()</c>.</summary>
    public void Start()
    {
        Silence();
        EnableInterrupt(true);
    }

    /// <summary><c>pcie_pme_remove()</c>.</summary>
    public void Stop()
    {
        Silence();
        Cancel();
    }

    /// <summary>
    /// The interrupt wakes the machine if the port, or anybody below it, is to (<c>pcie_pme_suspend()</c>, <c>enable_irq_wake()</c>); else
    /// there is none.
    /// </summary>
    public void Suspend()
    {
        _wakesMachine = _port.MayWakeUp || IsAnyToWake(_port);
        if (!_wakesMachine)
        {
            Silence();
        }
    }

    /// <summary><c>pcie_pme_resume()</c>.</summary>
    public void Resume()
    {
        if (!_wakesMachine)
        {
            Silence();
            EnableInterrupt(true);
        }

        _wakesMachine = false;
    }

    /// <summary>No more interrupts until a worker has looked at all that arrived (<c>pcie_pme_irq()</c>).</summary>
    public void OnInterrupt()
    {
        EnableInterrupt(false);
        Queue();
        if (_wakesMachine)
        {
            _port.Core.Transition.WakeUp();
        }
    }

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_wakesMachine);
    }

    public override Cause Describe(int tag) => new("PME interrupt", _port.Name);

    public override IForkable Fork(ForkContext fork) => new PmeService(this, fork);

    /// <summary><c>pcie_pme_work_fn()</c>.</summary>
    protected override async KernelCall Execute()
    {
        while (_port.ReadConfig(Status, 4) is not uint.MaxValue and uint status && (status & ExpressRegisters.RootStatusPme) != 0)
        {
            // If there are more, it is set again.
            _port.WriteConfig(Status, 4, ExpressRegisters.RootStatusPme);
            await Handle((ushort)status);
        }

        EnableInterrupt(true);
    }

    /// <summary>
    /// Who sent it is asked (<c>pcie_pme_handle_request()</c>). Functions of conventional PCI, for which a bridge sends it, are found
    /// by polling.
    /// </summary>
    private async KernelCall Handle(ushort requester)
    {
        PciAddress address = _port.Address.WithRequesterId(requester);
        PciDevice? sender = address == _port.Address ? _port : _port.Bus.Find(address);
        if (sender is null || !await PciPm.TakePme(sender))
        {
            TellOfNobody(address, isThere: sender is not null);
            return;
        }

        sender.StopPollingForPme();
        if (sender != _port)
        {
            PciPm.ReportWakeup(sender);
        }

        Kernel.Because("PME", sender.Name);
        await PmRuntime.RequestResume(sender.RuntimePm);
    }

    /// <summary>Nobody asked to be awake: it was taken already, or who did is gone.</summary>
    private void TellOfNobody(PciAddress address, bool isThere)
    {
        bool isBusThere = _port.Bus.Devices.Any(device => device.Address.SharesBusWith(address));
        if (!isThere && isBusThere && (address.Device, address.Function) != (0, 0))
        {
            PmeLog.NoSuchDevice(_port.Logger, _port.Name, $"{address.Bus:x2}:{address.Device:x2}.{address.Function}");
        }

        PmeLog.Spurious(_port.Logger, _port.Name);
    }

    /// <summary><c>pcie_pme_check_wakeup()</c>.</summary>
    private static bool IsAnyToWake(PciDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            if (bridge.Downstream[i].MayWakeUp || IsAnyToWake(bridge.Downstream[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>pcie_pme_disable_interrupt()</c>.</summary>
    private void Silence()
    {
        EnableInterrupt(false);
        _port.WriteConfig(Status, 4, ExpressRegisters.RootStatusPme);
    }

    /// <summary><c>pcie_pme_interrupt_enable()</c>.</summary>
    private void EnableInterrupt(bool on)
    {
        uint before = _port.ReadConfig(Control, 2);
        _port.WriteConfig(
            Control,
            2,
            on ? before | ExpressRegisters.RootControlPmeInterrupt : before & ~(uint)ExpressRegisters.RootControlPmeInterrupt);
    }
}
