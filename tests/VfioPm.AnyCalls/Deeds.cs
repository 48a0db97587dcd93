namespace VfioPm.AnyCalls;

/// <summary>What people do with a host, and its name. Nobody is who does it: where there is nothing to do it to, nothing is done.</summary>
internal static class Deeds
{
    public static (string Name, Action<Citizens> Act)[] All { get; } =
    [
        // Users.
        ("open", static all => With(all.Bound, all.Open)),
        ("close", static all => With(all.File, static file => file.BeginClose())),
        ("reset", static all => With(all.File, static file => file.BeginReset())),
        ("hot reset", static all => With(all.File, static file => file.BeginHotReset(file.Group))),
        ("D3hot", static all => With(all.FileWithPm, static file => file.Config.BeginWritePmcsrState(PowerState.D3Hot))),
        ("D0", static all => With(all.FileWithPm, static file => file.Config.BeginWritePmcsrState(PowerState.D0))),
        ("enable memory", static all => With(all.File, static file => file.BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(6, 0)))),
        ("disable memory", static all => With(all.File, static file => file.BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(0, 0)))),
        ("read status", static all => With(all.File, static file => file.BeginRead(VfioRegion.Configuration, PciRegisters.Status, new UserMemory(2)))),
        ("read BAR", static all => With(all.File, static file => file.BeginRead(0, 0, new UserMemory(4)))),
        ("map", static all => With(all.File, static file => file.TryMap(0, 0, 0x1000, out _))),
        ("touch", static all => With(all.Mapping, static mapping => mapping.Read(0, 4))),
        ("unmap", static all => With(all.Mapping, static mapping => mapping.Unmap())),
        ("low power", static all => With(all.File, static file => file.BeginEnterLowPower())),
        ("wakeup", static all => With(all.File, static file => file.BeginEnterLowPower(new EventFd()))),
        ("end low power", static all => With(all.File, static file => file.BeginExitLowPower())),
        ("INTx", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.Intx, new EventFd()))),
        ("MSI-X", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.MsiX, new EventFd(), new EventFd()))),
        ("mask", static all => With(all.File, static file => file.BeginMaskIntx())),
        ("unmask", static all => With(all.File, static file => file.BeginUnmaskIntx())),
        ("MSI", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.Msi, new EventFd()))),
        ("error interrupt", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.Err, new EventFd()))),
        ("request interrupt", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.Req, new EventFd()))),
        ("no INTx", static all => With(all.File, static file => file.BeginSetIrqs(None(VfioIrqIndex.Intx)))),
        ("no MSI-X", static all => With(all.File, static file => file.BeginSetIrqs(None(VfioIrqIndex.MsiX)))),
        ("information", static all => With(all.File, static file => file.BeginIoctl((uint)VfioIoctl.DeviceGetInfo, Argument(24)))),
        ("regions", static all => With(all.File, static file => file.BeginIoctl((uint)VfioIoctl.DeviceGetRegionInfo, Argument(32, VfioRegion.Rom)))),
        ("hot-reset information", static all => With(all.File, static file => file.BeginIoctl((uint)VfioIoctl.DeviceGetPciHotResetInfo, Argument(64)))),
        ("write BAR", static all => With(all.File, static file => file.BeginWrite(0, 0, new UserMemory(4)))),
        ("write mapping", static all => With(all.Mapping, static mapping => mapping.Write(0, 4, 1))),
        ("ioeventfd", static all => With(all.File, static file => file.SetIoEventFd(new VfioIoEventFd(region: 0, offset: 0x20, width: 4, data: 1, new EventFd())))),

        // Cards.
        ("assert", static all => With(all.Opened, static device => device.Pci.Hardware.AssertInterrupt())),
        ("deassert", static all => With(all.Opened, static device => device.Pci.Hardware.DeassertInterrupt())),
        ("message", static all => With(all.Opened, static device => device.Pci.Hardware.SendMessage(0))),
        ("error", static all => With(all.Bound, static device => device.ReportError())),
        ("PME", static all => With(all.Bound, static device => device.Pci.Hardware.AssertPme())),
        ("hold signals", static all => With(all.Hardware, static card => card.HoldSignals())),
        ("let signals through", static all => With(all.Hardware, static card => card.LetSignalsThrough())),
        ("lose signals", static all => With(all.Hardware, static card => card.LoseSignals())),
        ("die", static all => With(all.Bound, static device => device.Pci.Hardware.FallSilent(HardwareBehavior.Forever))),

        // The administrator.
        ("lspci", static all => With(all.Function, static device => device.HostConfig.BeginRead(0, new UserMemory(64)))),
        ("keep on", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/control", "on"))),
        ("let sleep", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/control", "auto"))),
        ("forbid D3cold", static all => With(all.Function, static device => device.Sysfs.BeginWrite("d3cold_allowed", "0"))),
        ("allow D3cold", static all => With(all.Function, static device => device.Sysfs.BeginWrite("d3cold_allowed", "1"))),
        ("asks for its release", static all => With(all.Opened, static device => device.RequestRelease())),
        ("may wake", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/wakeup", "enabled"))),
        ("may not wake", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/wakeup", "disabled"))),
        ("sleep late", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/autosuspend_delay_ms", "2000"))),
        ("sleep never", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/autosuspend_delay_ms", "-1"))),
        ("another reset", static all => With(all.Function, static device => device.Sysfs.BeginWrite("reset_method", "pm bus"))),
        ("the usual reset", static all => With(all.Function, static device => device.Sysfs.BeginWrite("reset_method", "default"))),
        ("reset below", static all => With(all.Function, static device => device.Sysfs.BeginWrite("reset_subordinate", "1"))),
        ("slot off", static all => With(all.PortWithSlot, port => all.Host.Topology.Sysfs.BeginWrite($"slots/{port.Hotplug!.SlotName}/power", "0"))),
        ("slot on", static all => With(all.PortWithSlot, port => all.Host.Topology.Sysfs.BeginWrite($"slots/{port.Hotplug!.SlotName}/power", "1"))),
        ("reset in sysfs", static all => With(all.Function, static device => device.Sysfs.BeginWrite("reset", "1"))),
        ("unbind", static all => With(all.Bound, static device => device.BeginUnbind())),
        ("bind", static all => With(all.Unbound, device => all.Host.VfioPci.BeginBind(device))),
        ("probe", static all => With(all.Unbound, device => all.Host.Topology.Sysfs.BeginWrite("drivers_probe", device.Name))),
        ("virtual functions", static all => With(all.Function, static device => device.Sysfs.BeginWrite("sriov_numvfs", "1"))),
        ("no virtual functions", static all => With(all.Function, static device => device.Sysfs.BeginWrite("sriov_numvfs", "0"))),
        ("remove", static all => With(all.Removable, static device => device.Sysfs.BeginWrite("remove", "1"))),
        ("rescan", static all => all.Host.Topology.Sysfs.BeginWrite("rescan", "1")),
        ("rescan the bus", static all => With(all.Function, static device => device.Sysfs.BeginWrite("rescan", "1"))),
        ("pull", static all => With(all.PortWithSlot, static port => port.Hardware.PullCard())),
        ("put back", static all => With(all.PortWithSlot, static port => port.Hardware.PutCardBack())),
        ("button", static all => With(all.PortWithSlot, static port => port.Hardware.PressAttentionButton())),

        // Guests.
        ("boot", static all => With(all.File, file => all.Host.Boot(file, static setup => setup.WithWakeup()))),
        ("guest idle", static all => With(all.Guest, static guest => guest.Driver.BeginGoIdle())),
        ("guest busy", static all => With(all.Guest, static guest => guest.Driver.BeginUse())),
        ("guest reboots", static all => With(all.Guest, static guest => guest.Reboot())),
        ("guest resets", static all => With(all.Guest, static guest => guest.Reset())),
        ("guest reads", static all => With(all.Guest, static guest => guest.Driver.ReadMemory(0, 0, 4))),
        ("shut down", static all => With(all.Guest, static guest => guest.Shutdown())),

        // Nobody.
        ("an event", static all => all.RunNext()),
        ("an event", static all => all.RunNext()),
        ("a while", static all => all.Advance(TimeSpan.FromMilliseconds(50))),
        ("long", static all => all.Advance(TimeSpan.FromSeconds(3))),
    ];

    /// <summary>The argument of an ioctl: its size, no flags, and a number.</summary>
    private static UserMemory Argument(byte size, byte number = 0)
    {
        byte[] bytes = new byte[size];
        bytes[0] = size;
        bytes[8] = number;
        return new UserMemory(bytes);
    }

    private static VfioIrqSet None(VfioIrqIndex index) => new(index, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, count: 0);

    private static void With<T>(T? subject, Action<T> act)
        where T : class
    {
        if (subject is not null)
        {
            act(subject);
        }
    }
}
