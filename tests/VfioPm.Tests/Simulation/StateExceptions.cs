namespace VfioPm.Tests;

/// <summary>Fields that a fork need not copy or a hash need not know, each with its reason.</summary>
internal static class StateExceptions
{
    /// <summary>Classes whose objects hold arrays or lists that nobody writes after they were made.</summary>
    public static readonly IReadOnlyDictionary<string, string> Unchanging = new Dictionary<string, string>
    {
        ["BarResources"] = "what the kernel found when it bound the function",
        ["CapabilityCatalog"] = "a profile's table",
        ["CapabilityEntry"] = "a row of a profile's table",
        ["CapabilityList"] = "found once in the image",
        ["CapabilityMap"] = "laid out when the device is opened",
        ["ConfigurationLayout"] = "laid out once from the image",
        ["DeviceAliases"] = "a value",
        ["DeviceImage"] = "what a function is made from",
        ["FunctionQuirks"] = "what the kernel makes of an identity",
        ["IKernelScheduler"] = "a test's, as callbacks are",
        ["KernelProfile"] = "a value",
        ["VfioRules"] = "a value",
        ["DeviceRegions"] = "laid out when the device is opened",
        ["NullLogger"] = "writes down what happened",
    };

    /// <summary>What is not in the same state in the fork, or is shared with it.</summary>
    public static readonly IReadOnlyDictionary<string, string> NotCopied = new Dictionary<string, string>
    {
        ["AccessEpoch.Number"] = "a cache: what was found before a change of the way to a function",
        ["ConfigurationSnapshot._plan"] = "which registers there are, found once",
        ["SharedBytes._bytes"] = "copied by whoever changes it first",
        ["SharedBytes._isShared"] = "set in both by a fork",
        ["ResetMethods._methods"] = "an array that is replaced and never changed",
        ["RuntimePmDevice._resumeLatencyRequests"] = "an immutable array",
        ["InterruptLine._actions"] = "an immutable array",
        ["EventFd._lock"] = "each has its own",
        ["KeyedList.keyOf"] = "what the key of a kind of item is",
        ["GuestConfiguration.Bars"] = "found once in the registers",
        ["Kernel._spare"] = "a pool",
        ["Kernel._spareMemory"] = "a pool",
        ["Kernel._unused"] = "a pool",
        ["Kernel._unusedMemory"] = "a pool",
        ["KernelThread.IsUnused"] = "a pool",
        ["UserMemory.IsUnused"] = "a pool",
        ["KernelWait"] = "over when its thread goes on, which knows what it waits for",
        ["KernelLog._lines"] = "an immutable list",
        ["LockOrder._steps"] = "an immutable dictionary",
        ["Kernel.LostUpdates"] = "an immutable list",
        ["FlagWord._names"] = "an immutable array",
        ["PciFunction.Bars"] = "a list that is replaced and never changed",
        ["SiliconConfiguration.Bars"] = "a list that is never changed",
        ["PciFunction._flrTriggers"] = "found once in the image",
        ["PciFunction._effects"] = "found once in the image",
        ["PciFunction._openIn"] = "a cache, empty at first",
        ["PciSriov._bars"] = "what was assigned, read once",
        ["RuntimePmCore._lineage"] = "tells kin from strangers, so all of a family have one",
        ["SavedState.Bars"] = "what was assigned, read once",
        ["StoredState._plan"] = "which registers there are, found once",
        ["SavedState._plan"] = "which registers there are, found once",
        ["TraceHistory._blocks"] = "full ones never change, and of the last each has its own",
        ["VirtualBars._registers"] = "what was assigned, read once",
        ["VirtualClock.Gate"] = "each has its own",
    };

    /// <summary>What does not count for the hash.</summary>
    private static readonly Dictionary<string, string> NotHashed = new()
    {
        // Caches, pools, and what is there only while a call runs, when there is no state to hash.
        ["AccessEpoch"] = "a cache",
        ["SharedBytes._isShared"] = "whether a write has to copy",
        ["Kernel._spare"] = "a pool",
        ["Kernel._spareMemory"] = "a pool",
        ["KernelThread.IsUnused"] = "a pool",
        ["Kernel._unused"] = "a pool",
        ["EventQueue.NextDue"] = "found again in the queue",
        ["EventQueue._shortable"] = "counted again in the queue",
        ["EventQueue._longestSlack"] = "a bound of what is in the queue",
        ["KernelThread.NextUnused"] = "a pool",
        ["Chain.Last"] = "the same order the other way round",
        ["KernelFrame._next"] = "a pool",
        ["KernelFrame._value"] = "taken by the caller before anybody else runs",
        ["Caller.Site"] = "of the call that runs",
        ["KernelThread._interrupted"] = "of the call that runs",
        ["KernelThread._nextWait"] = "said and awaited in one step",
        ["KernelThread.IsKept"] = "whether the object is used again",
        ["PciFunction._openIn"] = "a cache",
        ["KeyedList._byKey"] = "found again in the list",
        ["CallsUnderWay.Innermost"] = "of the call that runs",
        ["InterruptLine._isInProgress"] = "while it is handled",
        ["VirtualClock.Horizon"] = "of the call that runs",
        ["VirtualClock.TimeAsleep"] = "of the past, and only shown",

        // Traces, reports and names.
        ["EventFd._host"] = "whose it is, for who gives it to another",
        ["EventFd._lock"] = "a lock of the test's threads",
        ["EventFd._device"] = "for a report",
        ["HostTrace"] = "a trace",
        ["KernelLog"] = "a report",
        ["KernelLog._lines"] = "a report",
        ["FlagWord._names"] = "names",
        ["FlagWord._owner"] = "a name",
        ["KernelLock._owner"] = "a name",
        ["KernelLock._waiters.Place"] = "for the report of the order of locks",
        ["KernelThread.Operation"] = "for the trace",
        ["KernelThread._cause"] = "for the trace",
        ["KernelThread._device"] = "for the trace",
        ["KernelThread._held.Place"] = "for the report of the order of locks",
        ["LinuxGuest.Name"] = "a name",
        ["LinuxGuest.Number"] = "tells it from the others",
        ["LockOrder"] = "a report",
        ["Kernel.LostUpdates"] = "a report",
        ["PciSysfs._function"] = "a name",
        ["PowerResource.Name"] = "a name",
        ["RuntimePmDevice.Name"] = "a name",
        ["RuntimePmDevice._times"] = "a report of what is over",
        ["SimulatedHost.Trace"] = "a trace",
        ["SimulatedHost._booted"] = "names guests",
        ["TransitionTimer._address"] = "for a report",
        ["TransitionTimer._faults"] = "a report",
        ["VirtualClock.Aliases"] = "names",
        ["VirtualClock._cause"] = "for the trace",
        ["VfioDmaBufAttachment.Invalidations"] = "a report",
        ["VfioDmaBuf._request"] = "what was exported never changes",
        ["WakeupSource"] = "a report of what is over",
        ["WorkItem._queuedBecause"] = "for the trace",

        // Said in another way.
        ["EventQueue._nearest.Sequence"] = "their order counts, and where in it others would come",
        ["FlagWord.Index"] = "the device's, which counts",
        ["FlagWord._isPacked"] = "the profile's, whose name counts",
        ["IoEventFd.Request.EventFd"] = "the eventfd itself counts",
        ["KernelFrame._machine"] = "all its fields count: FrameFieldsTests",
        ["KernelThread.HasEnded"] = "counts where a call holds the thread: CallHashTests",
        ["KernelThread.IsWaiting"] = "so is each on the kernel's list",
        ["KernelThread.Result"] = "counts where a call holds the thread: CallHashTests",
        ["KernelThread.Thrown"] = "counts where a call holds the thread: CallHashTests",
        ["KernelThread._outermost"] = "the last of the frames",
        ["LinuxGuest.Rules"] = "the profile's, whose name counts",
        ["PciDevice.Firmware"] = "the host's, which counts",
        ["PciTopology._firmware"] = "the host's, which counts",
        ["PciTopology.Rules"] = "the profile's, whose name counts",
        ["PciPmDevice.Rules"] = "the profile's, whose name counts",
        ["PmePolling._rules"] = "the profile's, whose name counts",
        ["RuntimePmDevice._busyMark"] = "the order of those of one moment counts: RpmStateHashTests",
        ["VfioPciDriver.Rules"] = "the profile's, whose name counts",
        ["InterruptLines._highest"] = "that of its lines",
        ["Kernel.Waiters"] = "how many of its threads wait",
        ["PciTopology._highestIommuGroup"] = "that of its functions",
        ["VirtualClock.Order"] = "the kernel's scheduler, which counts",
        ["VirtualClock._nextSequence"] = "the order of the events counts, not their numbers",

        // Who belongs to whom from the beginning to the end.
        ["InterruptPin.command"] = "its function's",
        ["InterruptPin.hardware"] = "its function's",
        ["InterruptPin.line"] = "where the pin leads, which counts",
        ["InterruptPin.messages"] = "its function's",
        ["MessageInterrupts.command"] = "its function's",
        ["MessageInterrupts.configuration"] = "its function's",
        ["MessageInterrupts.handler"] = "its function",
        ["MessageInterrupts.handles"] = "the machine's, which count",
        ["MessageInterrupts.hardware"] = "its function's",
        ["MessageInterrupts.power"] = "its function's",
        ["PciCommand.configuration"] = "its function's",
        ["SlotCommands.port"] = "its port",
        ["PhysicalConfiguration.device"] = "its owner",
        ["PciFunction.InterruptReceiver"] = "the kernel's object for it",
        ["PciFunction.Listener"] = "the kernel's object for it",
        ["PciFunction._downstream"] = "made with the functions",
        ["PciFunction._virtualFunctions"] = "made with the function",
        ["VirtualDevice._bars"] = "mapped once; the mappings count with their file",

        // Found once, by construction or by an enumeration at that time.
        ["ConfigurationSnapshot._plan"] = "which registers there are",
        ["IoEventFd.Request._argumentSize"] = "was long enough, or it would not be there",
        ["GuestConfiguration.Bars"] = "of the registers, which count",
        ["PciFunction.Bars"] = "the image's, with the sizes in its registers",
        ["PciFunction._resizable"] = "the image's",
        ["SiliconConfiguration.Bars"] = "the image's, with the sizes that were found",
        ["PciFunction._flrTriggers"] = "the image's",
        ["PciFunction._effects"] = "the image's",
        ["PciPmDevice.Quirks"] = "the image's and the profile's",
        ["MessageInterrupts.quirks"] = "the image's and the profile's",
        ["PciPower._unreliablePme"] = "the image's and the profile's",
        ["PciWakeup._isTakenForGranted"] = "what was above it when it was enumerated",
        ["PciFunction._slot"] = "the image's",
        ["PciFunction._number"] = "its place among the virtual functions",
        ["PciSriov.TotalVfs"] = "the image's",
        ["PciSriov.VfDeviceId"] = "the image's",
        ["PciSriov._bars"] = "what was assigned when it was enumerated",
        ["PciSriov._disabledControl"] = "the image's",
        ["PciSriov._pageSize"] = "the image's",
        ["PmCapability"] = "the image's",
        ["SavedState.Bars"] = "what was assigned when it was enumerated",
        ["SavedState.Settings"] = "the image's",
        ["StoredState._plan"] = "which registers there are",
        ["SavedState._plan"] = "which registers there are",
        ["SriovCapability"] = "the image's",
        ["VfioSession.Regions"] = "laid out when it is opened, from where its BARs are, which counts",
        ["VirtualBars._facts"] = "what it is, and where its BARs are, which counts",
        ["VirtualConfiguration.Facts"] = "what it is, and where its BARs are, which counts",
        ["VitalProductData._completes"] = "the behavior's, which counts",
        ["PciVpd._start"] = "the image's",
        ["VitalProductData._start"] = "the image's",
    };

    /// <summary>Bytes, and the digest that the model keeps of them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Digests = new Dictionary<string, string>
    {
        ["SharedBytes._bytes"] = "SharedBytes._digest",
    };

    /// <summary>The exceptions of the hash, by field or class.</summary>
    public static IEnumerable<string> NotHashedNames => NotHashed.Keys;

    /// <summary>The exception by which a field, or all of its class, does not count for the hash.</summary>
    public static string? ExceptionOf(string name) =>
        NotHashed.ContainsKey(name) ? name
        : NotHashed.ContainsKey(name.Split('.')[0]) ? name.Split('.')[0]
        : null;
}
