namespace VfioPm;

/// <summary>
/// The driver of PCI Express ports (<c>pcieport</c>, <c>drivers/pci/pcie/portdrv</c>): a port that may sleep
/// does so 100 ms after the last function below it.
/// </summary>
internal sealed class PciPortDriver : PciDriver
{
    public static readonly PciPortDriver Instance = new();

    // Long enough for somebody who reads all of configuration space not to wake the port again and again.
    private const int AutosuspendDelay = 100;

    public override string Name => "pcieport";

    protected internal override bool HasRuntimeSuspend => true;

    protected internal override bool HasRuntimeResume => true;

    protected internal override bool ManagesDma => true;

    internal override bool HasResetHandlers => false;

    protected internal override DriverSleepFlags SleepFlags => DriverSleepFlags.NoDirectComplete | DriverSleepFlags.SmartSuspend;

    /// <summary>
    /// <c>port_pci_ids</c>: bridges, of which it then takes only ports (<see cref="Probe"/>), and event collectors.
    /// </summary>
    protected internal override bool Matches(PciDevice device) => ClassOf(device) is 0x060400 or 0x060401 or 0x080700;

    /// <summary><c>pcie_portdrv_probe()</c>.</summary>
    protected internal override async KernelCall<int> Probe(PciDevice device)
    {
        if (device.Express is not { IsPort: true } and not { Type: ExpressPortType.EventCollector })
        {
            return -Errno.ENODEV;
        }

        int enabled = await PciPm.Enable(device);
        if (enabled < 0)
        {
            return enabled;
        }

        if (PortServices.HasAny(device))
        {
            await RegisterServices(device);
        }

        await PciPm.SaveState(device);
        if (device.Bridge is { IsD3Possible: true })
        {
            RuntimePmDevice runtime = device.RuntimePm;
            await PmRuntime.SetAutosuspendDelay(runtime, AutosuspendDelay);
            await PmRuntime.UseAutosuspend(runtime, true);
            runtime.MarkBusy();
            await PmRuntime.PutAutosuspend(runtime);
            await PmRuntime.Allow(runtime);
        }

        return 0;
    }

    /// <summary><c>pcie_port_device_register()</c>, for a port that has any.</summary>
    private static async KernelCall RegisterServices(PciDevice device)
    {
        await PciPm.SetMaster(device);

        // They share one message.
        device.Bus.MessageHandles.Allocate(1);

        // They take MSI, and that turns INTx off.
        bool hasMessages = device.Hardware.Capabilities.Find(CapabilityId.Msi) is not null
            || device.Hardware.Capabilities.Find(CapabilityId.MsiX) is not null;
        if (hasMessages && PciMsi.IsSupported(device))
        {
            device.Command.SetIntx(false);
        }

        if (PortServices.IsPmeNative(device))
        {
            device.Pme?.Start();
        }

        if (device.Hotplug is { } hotplug)
        {
            await hotplug.Start();
        }

        LinkWatch.Begin(device);
    }

    /// <summary><c>pcie_portdrv_remove()</c>.</summary>
    protected internal override async KernelCall Remove(PciDevice device)
    {
        await EndSleep(device);
        LinkWatch.End(device);
        if (device.Hotplug is { } hotplug)
        {
            await hotplug.Stop();
        }

        device.Pme?.Stop();
        await PciPm.Disable(device);
    }

    /// <summary><c>pcie_portdrv_shutdown()</c>; older kernels have <c>pcie_portdrv_remove()</c> in its place.</summary>
    protected internal override KernelCall Shutdown(PciDevice device) =>
        device.Bus.Rules.ShutsPortsDownEnabled ? EndSleep(device) : Remove(device);

    /// <summary><c>pcie_port_runtime_idle()</c>: the PCI core keeps <see cref="PciPmDevice.BridgeD3"/> up to date.</summary>
    protected internal override KernelCall<int> RuntimeIdle(PciDevice device) => MaySleep(device);

    /// <summary>
    /// <c>pcie_port_runtime_suspend()</c>: of the port's services (<c>pcie_port_device_runtime_suspend()</c>) only hotplug has
    /// something to do.
    /// </summary>
    protected internal override async KernelCall<int> RuntimeSuspend(PciDevice device)
    {
        int result = MaySleep(device);
        if (result == 0 && device.Hotplug is { } hotplug)
        {
            await hotplug.RuntimeSuspend();
        }

        return result;
    }

    /// <summary><c>pcie_port_device_runtime_resume()</c>.</summary>
    protected internal override async KernelCall<int> RuntimeResume(PciDevice device)
    {
        if (device.Hotplug is { } hotplug)
        {
            await hotplug.RuntimeResume();
        }

        return 0;
    }

    protected internal override bool HasSystemSleep(SleepPhase phase) => phase is SleepPhase.Suspend or SleepPhase.ResumeNoirq or SleepPhase.Resume;

    /// <summary>
    /// A port's services go to sleep with it and wake: <c>pcie_port_device_suspend()</c>, <c>pcie_port_device_resume_noirq()</c>,
    /// <c>pcie_port_device_resume()</c>.
    /// </summary>
    protected internal override async KernelCall<int> SystemSleep(PciDevice device, SleepPhase phase)
    {
        if (phase == SleepPhase.Suspend)
        {
            LinkWatch.End(device);
            (PortServices.IsPmeNative(device) ? device.Pme : null)?.Suspend();
        }
        else if (phase == SleepPhase.Resume)
        {
            LinkWatch.Begin(device);
            (PortServices.IsPmeNative(device) ? device.Pme : null)?.Resume();
        }

        if (device.Hotplug is { } hotplug)
        {
            await hotplug.SystemSleep(phase);
        }

        return 0;
    }

    /// <summary>The port is awake from now on.</summary>
    private static async KernelCall EndSleep(PciDevice device)
    {
        if (device.Bridge is { IsD3Possible: true })
        {
            RuntimePmDevice runtime = device.RuntimePm;
            await PmRuntime.Forbid(runtime);
            PmRuntime.GetNoResume(runtime);
            await PmRuntime.UseAutosuspend(runtime, false);
        }
    }

    private static uint ClassOf(PciDevice device) => device.Hardware.Configuration.Read(PciRegisters.ClassRevision, 4) >> 8;

    private static int MaySleep(PciDevice device) => device.BridgeD3 ? 0 : -Errno.EBUSY;
}
