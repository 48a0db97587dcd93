namespace VfioPm;

/// <summary>
/// Who usually does things to a host: for each bound function a VMM and a guest, and an administrator. It is what
/// <c>vfio-pm explore</c> explores.
/// </summary>
public static class StandardCrowd
{
    /// <summary>All of them, for all that vfio-pci has on the host.</summary>
    public static Exploration WithStandardCrowd(this Exploration exploration) =>
        exploration.WithUsers().WithInterrupts().WithAdministrator().WithEarlierDriver();

    /// <summary>For each bound function a VMM, which opens, resets and closes it, and a guest, which uses it.</summary>
    public static Exploration WithUsers(this Exploration exploration)
    {
        ForEachDevice(exploration, (which, device) =>
        {
            exploration.Where($"vmm{which}", device, steps => AddVmm(steps, device.Pci.Name));
            exploration.Where($"guest{which}", device, steps => AddGuest(steps, device.Pci.Name));
        });
        return exploration;
    }

    /// <summary>For each bound function a guest's driver that uses INTx, and the card that asserts it.</summary>
    public static Exploration WithInterrupts(this Exploration exploration)
    {
        ForEachDevice(exploration, (which, device) =>
        {
            exploration.Where($"irq{which}", device, steps => AddInterruptUser(steps, device.Pci.Name));
            exploration.Where($"card{which}", device, AddCard);
        });
        return exploration;
    }

    /// <summary>For each bound function somebody on the host who looks at it and turns its knobs in sysfs.</summary>
    public static Exploration WithAdministrator(this Exploration exploration)
    {
        ForEachDevice(exploration, (which, device) => exploration.Where($"admin{which}", device, steps => AddAdministrator(steps, device.Pci.Name)));
        return exploration;
    }

    /// <summary>
    /// For each bound function a driver that had it before and left its runtime PM disabled
    /// (lore.kernel.org/kvm/20240319085011.2da113ae.alex.williamson@redhat.com), so that nobody can wake it.
    /// </summary>
    public static Exploration WithEarlierDriver(this Exploration exploration)
    {
        ForEachDevice(exploration, (which, device) => exploration.Where($"driver before{which}", device, AddEarlierDriver));
        return exploration;
    }

    /// <summary>
    /// For each bound function hardware as it should not be, but is: its signals (interrupts, PMEs) come late, or are lost, it is slow to
    /// answer after a reset, or dies. Not in <see cref="WithStandardCrowd"/>, since it makes many more orders.
    /// </summary>
    public static Exploration WithUnreliableCards(this Exploration exploration)
    {
        ForEachDevice(exploration, (which, device) => exploration.Where($"fault{which}", device, AddFaults));
        return exploration;
    }

    private static void ForEachDevice(Exploration exploration, Action<string, VfioPciDevice> add)
    {
        ArgumentNullException.ThrowIfNull(exploration);
        IReadOnlyList<VfioPciDevice> devices = exploration.Host.VfioPci.Devices;
        foreach (VfioPciDevice device in devices)
        {
            PciAddress address = device.Pci.Address;
            add(devices.Count == 1 ? "" : $" {address.Bus:x2}:{address.Device:x2}.{address.Function}", device);
        }
    }

    private static void AddVmm(ActorSteps<VfioPciDevice> steps, string name) => steps
        .Any(d => d.BeginOpen(), isPossible: static d => !d.IsOpen, operation: $"open {name}")
        .Any(d => d.Files[^1].BeginClose(), isPossible: HasFile, operation: $"close {name}")
        .Any(d => d.Files[^1].BeginReset(), isPossible: HasFile, operation: $"reset {name}")
        .Any(d => d.Files[^1].BeginHotReset(d.Files[^1].Group), isPossible: HasFile, operation: $"hot_reset {name} groups=own")
        .Any(d => d.Files[^1].BeginEnterLowPower(), isPossible: HasFile, operation: $"feature {name} set 3")
        .Any(d => d.Files[^1].BeginExitLowPower(), isPossible: HasFile, operation: $"feature {name} set 5")
        .Any(d => d.Files[^1].BeginEnterLowPower(new EventFd()), isPossible: HasFile, operation: $"feature {name} set 4 efd=wake");

    private static void AddGuest(ActorSteps<VfioPciDevice> steps, string name) => steps
        .While(HasFile)
        .Any(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot), isPossible: HasPm, operation: $"cfg_write {name} PM+4 0300")
        .Any(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D0), isPossible: HasPm, operation: $"cfg_write {name} PM+4 0000")
        .Any(d => d.Files[^1].BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(6, 0)), operation: $"cfg_write {name} 4 0600")
        .Any(d => d.Files[^1].BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(0, 4)), operation: $"cfg_write {name} 4 0004")
        .Any(d => d.Files[^1].BeginRead(VfioRegion.Configuration, PciRegisters.Status, new UserMemory(2)), operation: $"cfg_read {name} 6 2")
        .Any(d => d.Files[^1].BeginRead(0, 0, new UserMemory(4)), operation: $"bar_read {name} 0 0 4");

    private static void AddInterruptUser(ActorSteps<VfioPciDevice> steps, string name) => steps
        .While(HasFile)
        .Any(d => d.Files[^1].BeginEnableIrqs(VfioIrqIndex.Intx, new EventFd()),
            isPossible: static d => d.InterruptType is null, operation: $"set_irqs {name} 0 trigger eventfd 0 1")
        .Any(d => d.Files[^1].BeginMaskIntx(), isPossible: HasIntx, operation: $"set_irqs {name} 0 mask none 0 1")
        .Any(d => d.Files[^1].BeginUnmaskIntx(), isPossible: HasIntx, operation: $"set_irqs {name} 0 unmask none 0 1");

    private static void AddCard(ActorSteps<VfioPciDevice> steps) => steps
        .While(HasIntx)
        .Any(d => d.Pci.Hardware.AssertInterrupt(), isPossible: static d => !d.Pci.Hardware.InterruptStatus)
        .Any(d => d.Pci.Hardware.DeassertInterrupt(), isPossible: static d => d.Pci.Hardware.InterruptStatus);

    private static void AddFaults(ActorSteps<VfioPciDevice> steps) => steps
        .Once(d => d.Pci.Hardware.HoldSignals())
        .Then(d => d.Pci.Hardware.LetSignalsThrough(), isPossible: static d => d.Pci.Hardware.SignalsOnTheWay > 0)
        .Any(d => d.Pci.Hardware.LoseSignals(), isPossible: static d => d.Pci.Hardware.SignalsOnTheWay > 0)
        .Once(d => d.Pci.Hardware.AnswerLate(TimeSpan.FromSeconds(2)))
        .Once(d => d.Pci.Hardware.FallSilent(HardwareBehavior.Forever), isPossible: CanAnswer);

    private static void AddAdministrator(ActorSteps<VfioPciDevice> steps, string name) => steps
        .Any(d => d.Pci.HostConfig.BeginRead(0, new UserMemory(64)), operation: $"host_cfg_read {name} 0 64")
        .Any(d => d.Pci.Sysfs.BeginWrite("power/control", "on"), operation: $"sysfs_write {name} power/control on")
        .Any(d => d.Pci.Sysfs.BeginWrite("power/control", "auto"), operation: $"sysfs_write {name} power/control auto")
        .Once(d => d.Pci.Sysfs.BeginWrite("d3cold_allowed", "0"), operation: $"sysfs_write {name} d3cold_allowed 0")
        .Once(d => d.Pci.Sysfs.BeginWrite("reset_method", ""), operation: $"sysfs_write {name} reset_method")
        .Once(d => d.BeginUnbind(), operation: $"unbind {name}");

    private static void AddEarlierDriver(ActorSteps<VfioPciDevice> steps) => steps
        .While(static d => !d.IsOpen && !d.Pci.Core.Kernel.HasThreads)
        .Once(d => d.Pci.RuntimePm.Disable());

    private static bool HasFile(VfioPciDevice device) => device.IsOpen && !device.Files[^1].IsClosed;

    private static bool CanAnswer(VfioPciDevice device) => device.Pci.Hardware is { HasPower: true, IsSilent: false };

    private static bool HasIntx(VfioPciDevice device) => device.InterruptType == VfioIrqIndex.Intx;

    private static bool HasPm(VfioPciDevice device) => device.Pci.Hardware.Pm is not null;
}
