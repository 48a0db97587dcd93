using Microsoft.Extensions.Logging;

namespace VfioPm.Tests;

/// <summary>
/// Two network adapters of one device below a port that can cut its power, and an NVMe drive with virtual functions below
/// another; what somebody may do to them, as calls that are begun.
/// </summary>
internal static class Crowd
{
    private const string First = "0000:01:00.0";
    private const string Second = "0000:01:00.1";
    private const string Drive = "0000:02:00.0";

    /// <summary>What is begun, by a name, and what has to be so before.</summary>
    private static readonly Dictionary<string, (Action<SimulatedHost> Prepare, Func<SimulatedHost, PendingCall> Begin)> Calls = new()
    {
        ["open"] = (static host => BindOnly(host), static host => host.VfioPci[First].BeginOpen()),
        ["close"] = (static host => Open(host), static host => File(host).BeginClose()),
        ["close asleep"] = (static host => Sleep(host), static host => File(host).BeginClose()),
        ["read"] = (static host => Open(host), static host => File(host).BeginRead(0, 0, new UserMemory(8))),
        ["read configuration asleep"] = (
            static host => Sleep(host),
            static host => File(host).BeginRead(VfioRegion.Configuration, 0, new UserMemory(64))),
        ["write"] = (static host => Open(host), static host => File(host).BeginWrite(0, 0, new UserMemory(1, 2, 3, 4))),
        ["write D3hot to PMCSR"] = (static host => Open(host), static host => BeginPmcsr(host, PowerState.D3Hot)),
        ["write D0 to PMCSR"] = (static host => Sleep(host), static host => BeginPmcsr(host, PowerState.D0)),
        ["reset"] = (static host => Open(host), static host => File(host).BeginReset()),
        ["reset asleep"] = (static host => Sleep(host), static host => File(host).BeginReset()),
        ["hot reset"] = (static host => OpenBoth(host), static host => File(host).BeginHotReset(File(host).Group)),
        ["low-power entry"] = (static host => Open(host), static host => File(host).BeginEnterLowPower()),
        ["low-power exit"] = (static host => Sleep(host), static host => File(host).BeginExitLowPower()),
        ["set irqs"] = (static host => Open(host), static host => File(host).BeginSetIrqs(
            new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, count: 2)
            {
                EventFds = [new EventFd(), new EventFd()],
            })),
        ["bind"] = (static _ => { }, static host => host.VfioPci.BeginBind(host[First])),
        ["unbind"] = (static host => BindOnly(host), static host => host.VfioPci[First].BeginUnbind()),
        ["sriov_numvfs"] = (
            static host => host.VfioPci.Bind(host[Drive]), static host => host[Drive].Sysfs.BeginWrite("sriov_numvfs", "2")),
        ["sriov_numvfs to none"] = (
            static host => EnableVirtualFunctions(host), static host => host[Drive].Sysfs.BeginWrite("sriov_numvfs", "0")),
        ["host configuration access"] = (
            static host => Sleep(host), static host => host[First].HostConfig.BeginRead(0, new UserMemory(64))),
        ["get_sync"] = (static host => BindOnly(host), static host => host[First].RuntimePm.BeginGetSync()),
        ["sysfs reset"] = (static host => BindOnly(host), static host => host[First].Sysfs.BeginWrite("reset", "1")),
    };

    /// <summary>What returns without a chance to wait on kernels that do not have it, or wake nobody for it.</summary>
    private static readonly HashSet<(string Call, string Profile)> ReturnAtOnce =
    [
        ("low-power entry", "linux-5.10"),
        ("low-power entry", "pre-rfc"),
        ("low-power entry", "rfc-v1"),
        ("low-power exit", "linux-5.10"),
        ("low-power exit", "pre-rfc"),
        ("low-power exit", "rfc-v1"),
        ("read configuration asleep", "linux-5.10"),
        ("read configuration asleep", "pre-rfc"),
        ("get_sync", "linux-5.10"),
        ("get_sync", "pre-rfc"),
        ("write D3hot to PMCSR", "rfc-v1"),
    ];

    /// <summary>Each call with each kernel on which it may have to wait.</summary>
    public static IEnumerable<(string Call, string Profile)> All =>
        from profile in KernelProfile.All
        from call in Calls.Keys
        where !ReturnAtOnce.Contains((call, profile.Name))
        select (call, profile.Name);

    /// <summary>A machine on which a call can be begun.</summary>
    /// <param name="profile">Its kernel.</param>
    /// <param name="call">The call.</param>
    /// <param name="first">What is special about the first adapter.</param>
    /// <param name="logger">Where the kernel's log goes, too.</param>
    public static SimulatedHost Prepare(
        KernelProfile profile, string call, Action<FunctionSetup>? first = null, ILoggerFactory? logger = null)
    {
        SimulatedHost host = Make(profile, first, logger);
        Calls[call].Prepare(host);
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        return host;
    }

    public static PendingCall Begin(SimulatedHost host, string call) => Calls[call].Begin(host);

    /// <summary>Both adapters bound and open, each by its own user.</summary>
    public static SimulatedHost MakeOpen(KernelProfile profile)
    {
        SimulatedHost host = Make(profile);
        OpenBoth(host);
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        return host;
    }

    public static VfioDeviceFile File(SimulatedHost host) => host.VfioPci[First].Files[0];

    public static VfioDeviceFile OtherFile(SimulatedHost host) => host.VfioPci[Second].Files[0];

    private static SimulatedHost Make(KernelProfile profile, Action<FunctionSetup>? first = null, ILoggerFactory? logger = null)
    {
        var host = new SimulatedHost(profile, new VfioModuleParameters { EnableSriov = true }, loggerFactory: logger);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        port.AddEndpoint(First, setup: first);
        port.AddEndpoint(Second);
        PciDevice other = host.AddRootPort("0000:00:04.0", setup => setup.WithPowerResource());
        other.AddEndpoint(Drive, DeviceImages.SriovNvme);
        return host;
    }

    private static void BindOnly(SimulatedHost host)
    {
        host.VfioPci.Bind(host[First]);
        host.VfioPci.Bind(host[Second]);
    }

    private static void Open(SimulatedHost host)
    {
        BindOnly(host);
        VfioDeviceFile file = host.VfioPci[First].Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
    }

    private static void OpenBoth(SimulatedHost host)
    {
        Open(host);
        host.VfioPci[Second].Open();
    }

    /// <summary>The user lets the device sleep, in the way of the kernel.</summary>
    private static void Sleep(SimulatedHost host)
    {
        Open(host);
        File(host).Config.WritePmcsrState(PowerState.D3Hot);
        File(host).EnterLowPower();
    }

    private static void EnableVirtualFunctions(SimulatedHost host)
    {
        host.VfioPci.Bind(host[Drive]);
        host[Drive].Sysfs.Write("sriov_numvfs", "2");
    }

    private static PendingCall BeginPmcsr(SimulatedHost host, PowerState state)
    {
        int offset = host[First].Hardware.Pm!.ControlStatusOffset;
        return File(host).BeginWrite(VfioRegion.Configuration, offset, new UserMemory((byte)state, 0));
    }
}
