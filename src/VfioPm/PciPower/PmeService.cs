namespace VfioPm;

/// <summary>The PME service of a root port: who sent a PME is asked to resume (<c>drivers/pci/pcie/pme.c</c>).</summary>
internal sealed class PmeService : WorkItem, IPmeService
{
    private readonly PciDevice _port;

    public PmeService(PciDevice port) => _port = port;

    private PmeService(PmeService original, ForkContext fork)
        : base(original, fork) => _port = fork.Of(original._port);

    public override int Index => _port.RuntimePm.Index;

    protected override Kernel Kernel => _port.Kernel;

    public override string? Device => _port.Name;

    private int Control => _port.Express!.Offset + ExpressRegisters.RootControl;

    private int Status => _port.Express!.Offset + ExpressRegisters.RootStatus;

    /// <summary><c>pcie_pme_probe()</c>.</summary>
    public void Start()
    {
        EnableInterrupt(false);
        _port.WriteConfig(Status, 4, ExpressRegisters.RootStatusPme);
        EnableInterrupt(true);
    }

    /// <summary><c>pcie_pme_remove()</c>.</summary>
    public void Stop()
    {
        EnableInterrupt(false);
        _port.WriteConfig(Status, 4, ExpressRegisters.RootStatusPme);
        Cancel();
    }

    /// <summary>No more interrupts until a worker has looked at all that arrived (<c>pcie_pme_irq()</c>).</summary>
    public void OnInterrupt()
    {
        EnableInterrupt(false);
        Queue();
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
        PciDevice? sender = _port.Address.RequesterId == requester
            ? _port
            : _port.Bus.Find(_port.Address.WithRequesterId(requester));
        if (sender is not null && await PciPm.TakePme(sender))
        {
            sender.StopPollingForPme();
            PciPm.ReportWakeup(sender);
            Kernel.Because("PME", sender.Name);
            await PmRuntime.RequestResume(sender.RuntimePm);
        }
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
