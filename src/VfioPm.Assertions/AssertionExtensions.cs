namespace VfioPm;

/// <summary>Where assertions about the simulation begin: <c>nic.Should()…</c>.</summary>
public static class AssertionExtensions
{
    /// <summary>Asserts what the kernel believes of a function.</summary>
    public static PciDeviceAssertions Should(this PciDevice? device) => new(device!);

    /// <summary>Asserts the usage count of a device and what goes with it.</summary>
    public static RuntimePmDeviceAssertions Should(this RuntimePmDevice? device) => new(device!);

    /// <summary>Asserts what the hardware of a function is and holds.</summary>
    public static PciFunctionAssertions Should(this PciFunction? function) => new(function!);

    /// <summary>Asserts what a VMM holds of a device.</summary>
    public static VfioDeviceFileAssertions Should(this VfioDeviceFile? file) => new(file!);

    /// <summary>Asserts how often an eventfd was signalled.</summary>
    public static EventFdAssertions Should(this EventFd? eventFd) => new(eventFd!);

    /// <summary>Asserts what a guest's kernel believes of its device.</summary>
    public static GuestDeviceAssertions Should(this GuestDevice? device) => new(device!);

    /// <summary>Asserts what a guest reads.</summary>
    public static VfioConfigRegionAssertions Should(this VfioConfigRegion? region) => new(region!);

    /// <summary>Asserts what happened on a host.</summary>
    public static HostTraceAssertions Should(this HostTrace? trace) => new(trace!);

    /// <summary>Asserts what the kernel returned to a call.</summary>
    public static KernelResultAssertions Should(this KernelResult result) => new(result);

    /// <summary>Asserts what the kernel returned to a call that may be under way (<see cref="PendingCall.Result"/>).</summary>
    public static KernelResultAssertions Should(this KernelResult? result) => new(result);

    /// <summary>Asserts what reading an attribute in sysfs gave.</summary>
    public static SysfsResultAssertions Should(this SysfsResult result) => new(result);

    /// <summary>Asserts what the kernel said in its log.</summary>
    public static KernelLogAssertions Should(this KernelLog? log) => new(log!);

    /// <summary>Asserts something of all devices of a host.</summary>
    public static SimulatedHostAssertions Should(this SimulatedHost? host) => new(host!);

    /// <summary>Asserts what an exploration saw.</summary>
    public static ExplorationAssertions Should(this ExplorationResult? result) => new(result!);
}
