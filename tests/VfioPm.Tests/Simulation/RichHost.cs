namespace VfioPm.Tests;

/// <summary>A host with something of everything, in the middle of much of it.</summary>
internal static class RichHost
{
    private const string First = "0000:01:00.0";
    private const string Second = "0000:01:00.1";
    private const string Drive = "0000:02:00.0";
    private const string Guests = "0000:03:00.0";
    private const string Third = "0000:04:00.0";

    public static SimulatedHost Make(KernelProfile profile)
    {
        var host = new SimulatedHost(profile, new VfioModuleParameters { EnableSriov = true }, bootTime: TimeSpan.FromHours(1));
        AddFunctions(host);
        host.Topology.Sysfs.Write("drivers/vfio-pci/new_id", "1af4 1041").Should().Succeed();
        BeginGuest(host);
        OpenFirst(host);
        OpenSecond(host);
        OpenVirtualFunction(host);
        Sleep(host, Third);
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        GetBusy(host);
        return host;
    }

    private static void AddFunctions(SimulatedHost host)
    {
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake().WithInterruptLine(16));
        port.AddEndpoint(First, setup: setup => setup.WithVitalProductData(0x82, 0x02, 0x00, 0x41, 0x42, 0x78).WithInterruptLine(17));
        port.AddEndpoint(Second);
        host.AddRootPort("0000:00:04.0", setup => setup.WithPowerResource()).AddEndpoint(Drive, DeviceImages.SriovNvme);
        host.AddRootPort("0000:00:05.0", setup => setup.WithPowerResource()).AddEndpoint(Guests);
        host.AddRootPort("0000:00:06.0").AddEndpoint(Third, DeviceImages.Nvme);
        host.AddRootPort("0000:00:09.0", setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        host["0000:00:09.0"].InsertCard("0000:05:00.0");
        host.AddEndpoint("0000:00:07.0", setup: setup => setup.WithBehavior(HardwareBehavior.Emulator).WithInterruptLine(16));
        host.AddEndpoint("0000:00:08.0", setup: setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(30) }));
    }

    private static void BeginGuest(SimulatedHost host)
    {
        LinuxGuest guest = host.Boot(host.VfioPci.Bind(host[Guests]).Open(), vmm => vmm.WithWakeup().WithDriver(
            new DriverCallbacks { SuspendTime = TimeSpan.FromMilliseconds(5), ResumeTime = TimeSpan.FromMilliseconds(5) }));
        guest.Driver.GoIdle();
    }

    private static void OpenFirst(SimulatedHost host)
    {
        VfioDeviceFile file = host.VfioPci.Bind(host[First]).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        var shared = new EventFd();
        SetEventFds(file, VfioIrqIndex.MsiX, shared, new EventFd());
        SetEventFds(file, VfioIrqIndex.Err, shared);
        SetEventFds(file, VfioIrqIndex.Req, shared);
        host[First].Hardware.SendMessage(0);
        file.Map(0, 0, 0x1000).Write(0x10, 4, 0x1234);
        file.Map(0, 0, 0x2000);
        file.SetIoEventFd(new VfioIoEventFd(0, 0x20, 4, 7, shared));
        file.SetIoEventFd(new VfioIoEventFd(0, 0x24, 4, 8, new EventFd()));
        file.TryExport(new VfioDmaBufRequest(0, new VfioDmaRange(0x1000, 0x1000)), out VfioDmaBuf? buffer);
        buffer?.Attach(new VfioDmaBufImporter { UnmapsAtOnce = false }).Map();
        host[First].RuntimePm.AddSupplier(host[Drive].RuntimePm);
        host[First].RuntimePm.AddResumeLatencyRequest(100);
        host[First].RuntimePm.AddResumeLatencyRequest(200);
    }

    private static void OpenSecond(SimulatedHost host)
    {
        VfioDeviceFile file = host.VfioPci.Bind(host[Second]).Open();
        var unmask = new EventFd();
        SetEventFds(file, VfioIrqIndex.Intx, new EventFd());
        file.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionUnmask)
        {
            EventFds = [unmask],
        });
        host[Second].Hardware.AssertInterrupt();
        host["0000:00:07.0"].Hardware.AssertInterrupt();
        host[Second].InterruptLine!.IsPolled.Should().BeTrue();
        host.VfioPci[Second].Open().Map(0, 0, 0x1000);
        unmask.Close();
    }

    private static void OpenVirtualFunction(SimulatedHost host)
    {
        host.VfioPci.Bind(host[Drive]).Open(SriovMachine.Token);
        host[Drive].Sysfs.Write("sriov_numvfs", "2");
        PciDevice first = host[Drive].Sriov!.VirtualFunctions[0];
        host.VfioPci[first.Name].Open(SriovMachine.Token);
    }

    private static void Sleep(SimulatedHost host, string address)
    {
        VfioDeviceFile file = host.VfioPci.Bind(host[address]).Open();
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.EnterLowPower(new EventFd());
    }

    /// <summary>Calls in the middle, waiters for locks, queued work.</summary>
    private static void GetBusy(SimulatedHost host)
    {
        VfioPciDevice first = host.VfioPci[First];
        host[First].HostConfig.Read(0, new byte[4]);
        first.TryLockMemory();
        first.Files[0].BeginRead(0, 0, new UserMemory(8));
        first.Files[0].BeginReset();
        EventFd signalled = first.InterruptEventFd(VfioIrqIndex.Req)!;
        signalled.Signal(2);
        host.VfioPci[Second].BeginUnbind();
        host.Guests[0].Driver.BeginUse();
        host[Drive].Sysfs.BeginWrite("reset", "1");
        host["0000:00:08.0"].Hardware.Reset();
        host["0000:00:08.0"].RuntimePm.AddResumeLatencyRequest(1);
        host["0000:00:08.0"].RuntimePm.ScheduleSuspend(500);
        host["0000:00:09.0"].Hardware.PressAttentionButton();
        host["0000:00:07.0"].TryLock();
        host["0000:00:07.0"].Sysfs.BeginWrite("reset", "1");
    }

    private static void SetEventFds(VfioDeviceFile file, VfioIrqIndex index, params FileDescriptor[] eventFds) => file.SetIrqs(
        new VfioIrqSet(index, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, count: (uint)eventFds.Length)
        {
            EventFds = eventFds,
        }).IsError.Should().BeFalse();
}
