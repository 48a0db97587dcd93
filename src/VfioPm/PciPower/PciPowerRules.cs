namespace VfioPm;

/// <summary>
/// Where the PCI cores and driver cores of different kernels decide differently; the defaults are those of Linux 6.1.
/// </summary>
public sealed record PciPowerRules
{
    /// <summary>Linux 5.10.</summary>
    public static PciPowerRules Linux5_10 { get; } = new()
    {
        HasPowerStateAttribute = false,
        HasResetMethodAttribute = false,
        HasResetSubordinateAttribute = false,
        ForgetsStateOnRemove = true,
        WakesBusBeforeItIsReady = true,
        SavesPrecisionTime = false,
        ErrorOfSecondBind = Errno.ENODEV,
        HasDmaOwnership = false,
        HasResizeAttributes = false,
        TakesAnythingForRom = true,
        ChecksRomDataStructure = false,
        ForgetsStateOverSleep = false,
    };

    /// <summary>Linux 6.1.</summary>
    public static PciPowerRules Linux6_1 { get; } = new();

    /// <summary>Linux 6.12.</summary>
    public static PciPowerRules Linux6_12 { get; } = new()
    {
        ForgetsStateOnRemove = true,
        PollHoldsBridge = true,
        SavesL1Substates = true,
        Quirks = QuirkReleases.Linux6_12,
        HasCxlBusReset = true,
        WaitsByVendorId = true,
        ShutsPortsDownEnabled = true,
        SavesLinkControl2WithoutLink = false,
        GivesUpWithoutLink = true,
        LooksAtLinkForSecond = true,
        TrainsFailedLinks = true,
        KeepsAwakeWithoutPmOps = false,
        ResetHoldsBridge = true,
        OverrideHasOwnLock = true,
        WaitsAfterSoftReset = false,
        WaitsForDisconnected = false,
        RemembersLinkSpeeds = true,
        SaysWhatTheButtonWillDo = true,
        EnablesCompletionAlways = false,
        AllPortsReportErrors = false,
        MostResetMethods = 7,
        SavesWhatIsFound = true,
        RestoringUsesUp = false,
        ForgetsStateOverSleep = false,
        ChecksRomDataStructure = false,
        TakesAnythingForRom = true,
        NoticesReplacedCards = true,
    };

    /// <summary>Linux 7.3.</summary>
    public static PciPowerRules Linux7_3 { get; } = Linux6_12 with
    {
        ForgetsStateOnRemove = false,
        ForgetsStateOverSleep = true,
        FindsReadinessWithoutPm = true,
        Quirks = QuirkReleases.Linux7_3,
        ProbesCxlPort = true,
        WantsVendorThere = true,
        WaitsAfterSoftReset = true,
        GivingUpIsError = true,
        SaysThatItResets = true,
        BooleansHaveEnable = true,
        LeavesSilentFunctionsAlone = true,
        ResetMethodsAreProbedAwake = true,
        PowersUpWhatIsFound = true,
        ContainsWithoutReporting = true,
        SwitchesSpeeds = true,
        RetriesBars = false,
        EnablesRuntimePmLast = true,
        CountOfVfsKeepsOthersFromTree = true,
        ChecksRomDataStructure = true,
        TakesAnythingForRom = false,
        HasSerialNumberAttribute = true,
        IsWholeBusInSlot = true,
        KnownBarSizes = 0xffff_fff0,
        TrustsEnabledAtomicOps = true,
    };

    /// <summary>Whether sysfs shows <c>power_state</c> (since Linux 5.11).</summary>
    public bool HasPowerStateAttribute { get; init; } = true;

    /// <summary>Whether sysfs has <c>reset_method</c> (since Linux 5.15).</summary>
    public bool HasResetMethodAttribute { get; init; } = true;

    /// <summary>Whether sysfs has <c>reset_subordinate</c> (since Linux 6.13, and in stable kernels of before).</summary>
    public bool HasResetSubordinateAttribute { get; init; } = true;

    /// <summary>
    /// Who writes names to <c>reset_method</c> wakes the function, since probing for a method reads registers
    /// (<c>reset_method_store()</c>, since Linux 6.18).
    /// </summary>
    public bool ResetMethodsAreProbedAwake { get; init; }

    /// <summary>How many methods <c>reset_method</c> takes (<c>PCI_NUM_RESET_METHODS</c>).</summary>
    public int MostResetMethods { get; init; } = 6;

    /// <summary>
    /// <c>max_link_speed</c> shows what was read when the function was found (<c>supported_speeds</c>, since Linux 6.13 and
    /// 6.12's stable series); before, who reads it wakes the function.
    /// </summary>
    public bool RemembersLinkSpeeds { get; init; }

    /// <summary>
    /// A function is brought to D0 when it is found (<c>pci_pm_init()</c>, since Linux 6.16); before, nobody looked in which
    /// state it was until it got a driver.
    /// </summary>
    public bool PowersUpWhatIsFound { get; init; }

    /// <summary>
    /// A function in D0 that loses its driver is in an unknown state (<c>pci_device_remove()</c>; 6.1's stable series
    /// and 7.3 do without).
    /// </summary>
    public bool ForgetsStateOnRemove { get; init; }

    /// <summary>
    /// A bridge that got its power back asks those below to resume before it waits until they can be accessed
    /// (<c>pci_power_up()</c>); later kernels ask after the wait.
    /// </summary>
    public bool WakesBusBeforeItIsReady { get; init; }

    /// <summary>
    /// Only suspended functions are polled for PME#, and the bridge above must be active and is held meanwhile
    /// (<c>pci_pme_list_scan()</c> since Linux 6.8); before, the bridge only had to be in D0.
    /// </summary>
    public bool PollHoldsBridge { get; init; }

    /// <summary>Precision Time Measurement is saved and restored (<c>pci_save_ptm_state()</c>, since Linux 5.11).</summary>
    public bool SavesPrecisionTime { get; init; } = true;

    /// <summary>L1 PM substates are saved and restored (<c>pci_save_aspm_l1ss_state()</c>, since Linux 6.9).</summary>
    public bool SavesL1Substates { get; init; }

    /// <summary>Whose quirks there are (<c>drivers/pci/quirks.c</c>, <see cref="PciQuirk"/>).</summary>
    public QuirkReleases Quirks { get; init; } = QuirkReleases.Linux6_1;

    /// <summary>
    /// Below a root port that shows who wants to be asked again, whether a function is ready is read from its Vendor ID
    /// (<c>pci_dev_wait()</c>, since Linux 6.12).
    /// </summary>
    public bool WaitsByVendorId { get; init; }

    /// <summary>
    /// And it has to be a vendor, not all ones, which Linux 6.12 takes for one: a dead function is ready at once there.
    /// </summary>
    public bool WantsVendorThere { get; init; }

    /// <summary>The kernel knows CXL ports, and the reset method <c>cxl_bus</c> (since Linux 6.10).</summary>
    public bool HasCxlBusReset { get; init; }

    /// <summary>
    /// Where a CXL port swallows bus resets the method <c>bus</c> is not offered (<c>pci_reset_bus_function()</c> of 7.3); before, it
    /// is, and fails.
    /// </summary>
    public bool ProbesCxlPort { get; init; }

    /// <summary>Ports stay enabled when the machine goes down (<c>pcie_portdrv_shutdown()</c>, since Linux 6.12's stable series).</summary>
    public bool ShutsPortsDownEnabled { get; init; }

    /// <summary>
    /// Link Control 2 of a function that has no link is saved and restored too (<c>pcie_capability_reg_implemented()</c>, until
    /// Linux 6.11).
    /// </summary>
    public bool SavesLinkControl2WithoutLink { get; init; } = true;

    /// <summary>
    /// A function below a port of 5 GT/s or less is given up after a second, unless the port says that its link is up
    /// (<c>pci_bridge_wait_for_secondary_bus()</c>, since Linux 6.5); before, after a minute.
    /// </summary>
    public bool GivesUpWithoutLink { get; init; }

    /// <summary>
    /// Whether a link comes up is looked for a second by the clock (<c>pcie_wait_for_link_status()</c>, since Linux 6.6); before, a
    /// hundred times.
    /// </summary>
    public bool LooksAtLinkForSecond { get; init; }

    /// <summary>
    /// A link that changed its speed and is down is trained again at the lowest speed (<c>pcie_failed_link_retrain()</c>, since Linux 6.5).
    /// </summary>
    public bool TrainsFailedLinks { get; init; }

    /// <summary>
    /// A function that resets when it leaves D3hot is waited for until it answers (<c>pci_power_up()</c>, since Linux 6.13 and in 6.1's
    /// stable series).
    /// </summary>
    public bool WaitsAfterSoftReset { get; init; } = true;

    /// <summary>
    /// A function whose driver has no power-management callbacks stays awake (<c>pci_pm_runtime_idle()</c>, until Linux 6.11 at least).
    /// </summary>
    public bool KeepsAwakeWithoutPmOps { get; init; } = true;

    /// <summary>
    /// Whoever resets a function alone holds the bridge above too (<c>pci_reset_function()</c>, since Linux 6.11), unless he must not wait.
    /// </summary>
    public bool ResetHoldsBridge { get; init; }

    /// <summary>That a driver that is not told of a reset was not is told in the log (<c>pci_dev_save_and_disable()</c> of Linux 7.3).</summary>
    public bool SaysThatItResets { get; init; }

    /// <summary>"enable" and "disable" are booleans (<c>kstrtobool()</c> of Linux 7.3).</summary>
    public bool BooleansHaveEnable { get; init; }

    /// <summary>
    /// <c>driver_override</c> is the driver core's, with a lock of its own (since Linux 7.0, and in 6.12's stable series); before, who reads
    /// or writes it waits for who holds the function.
    /// </summary>
    public bool OverrideHasOwnLock { get; init; }

    /// <summary>That a function never answered is an error and no warning (<c>pci_dev_wait()</c> of Linux 7.3).</summary>
    public bool GivingUpIsError { get; init; }

    /// <summary>
    /// What is known to be gone is waited for like any other (<c>pci_dev_wait()</c>, until Linux 6.10).
    /// </summary>
    public bool WaitsForDisconnected { get; init; } = true;

    /// <summary>
    /// Immediate Readiness is looked for in every function (<c>pci_imm_ready_init()</c>); before, only in those with a PM
    /// capability (<c>pci_pm_init()</c>).
    /// </summary>
    public bool FindsReadinessWithoutPm { get; init; }

    /// <summary>
    /// Runtime PM of a new function begins when drivers may have it (<c>pci_bus_add_device()</c> of Linux 7.3), not when its power
    /// management is set up (<c>pci_pm_init()</c>).
    /// </summary>
    public bool EnablesRuntimePmLast { get; init; }

    /// <summary>
    /// The configuration of a new function is saved before drivers may have it (<c>pci_bus_add_device()</c> of Linux 6.12), so that there
    /// always is something to restore.
    /// </summary>
    public bool SavesWhatIsFound { get; init; }

    /// <summary>
    /// What was restored is not restored again before it was saved again (<c>pci_restore_state()</c> of Linux 6.1); 6.12 asks nothing,
    /// and writes what was saved last.
    /// </summary>
    public bool RestoringUsesUp { get; init; } = true;

    /// <summary>
    /// A BAR that does not hold what was restored is written again, for 10 ms (<c>pci_restore_config_dword()</c>, until Linux 6.12 at
    /// least; 7.3 does not look).
    /// </summary>
    public bool RetriesBars { get; init; } = true;

    /// <summary>
    /// A function that does not answer is neither saved before a reset nor reset alone (<c>pci_dev_config_accessible()</c>).
    /// </summary>
    public bool LeavesSilentFunctionsAlone { get; init; }

    /// <summary>
    /// Who presses a slot's attention button is told what will come of it (<c>pciehp_handle_button_press()</c>, since Linux 6.5).
    /// </summary>
    public bool SaysWhatTheButtonWillDo { get; init; }

    /// <summary>
    /// Any port with the capability has the service that reports errors, not only those to which errors are reported
    /// (<c>get_port_device_capability()</c>: 6.1, no longer 6.12).
    /// </summary>
    public bool AllPortsReportErrors { get; init; } = true;

    /// <summary>Ports contain errors that others report (<c>get_port_device_capability()</c>: 7.3, not yet 6.12).</summary>
    public bool ContainsWithoutReporting { get; init; }

    /// <summary>Links are made slower and faster, for which ports with one speed need no service (<c>bwctrl</c>, since Linux 6.13).</summary>
    public bool SwitchesSpeeds { get; init; }

    /// <summary>
    /// A slot that tells of no completed commands is asked to interrupt for them all the same (<c>pcie_enable_notification()</c>,
    /// until Linux 6.2).
    /// </summary>
    public bool EnablesCompletionAlways { get; init; } = true;

    /// <summary>
    /// The memory accesses of an IOMMU group belong to the kernel's drivers or to a user (since Linux 5.19); before, only vfio looked at
    /// the drivers of the others.
    /// </summary>
    public bool HasDmaOwnership { get; init; } = true;

    /// <summary>
    /// A function whose driver has no callbacks is in an unknown state when the machine sleeps (<c>pci_pm_suspend_noirq()</c>; not in 5.10
    /// and in 6.12's stable series).
    /// </summary>
    public bool ForgetsStateOverSleep { get; init; } = true;

    /// <summary>
    /// While virtual functions are enabled or disabled nobody else removes or rescans anything (<c>pci_lock_rescan_remove()</c> in
    /// <c>sriov_numvfs_store()</c> of Linux 7.3).
    /// </summary>
    public bool CountOfVfsKeepsOthersFromTree { get; init; }

    /// <summary>Whether sysfs has <c>resourceN_resize</c> (since Linux 5.19).</summary>
    public bool HasResizeAttributes { get; init; } = true;

    /// <summary>Whether sysfs has <c>serial_number</c> (since Linux 6.19).</summary>
    public bool HasSerialNumberAttribute { get; init; }

    /// <summary>Whether all on its bus are in a slot that pciehp serves, not just the first device (<c>PCI_SLOT_ALL_DEVICES</c>, as in Linux 7.3).</summary>
    public bool IsWholeBusInSlot { get; init; }

    /// <summary>Which bits of what a BAR's capability register says of sizes the kernel knows (<c>PCI_REBAR_CAP_SIZES</c>).</summary>
    public uint KnownBarSizes { get; init; } = 0x00ff_fff0;

    /// <summary>
    /// As the machine wakes, before any driver does, who is not in its slot any more is noticed (<c>pciehp_device_replaced()</c>, in Linux
    /// 6.12, not in 6.1).
    /// </summary>
    public bool NoticesReplacedCards { get; init; }

    /// <summary>
    /// A function that is to ask for atomic operations, and has no root port that could be seen, may
    /// (<c>pci_enable_atomic_ops_to_root()</c> of Linux 7.3: a hypervisor enabled it).
    /// </summary>
    public bool TrustsEnabledAtomicOps { get; init; }

    /// <summary>
    /// Whoever writes anything but "0" and a line's end to <c>rom</c> may read it (<c>pci_write_rom()</c>, not in 6.1's stable series and in
    /// 7.3: there it has to be a boolean).
    /// </summary>
    public bool TakesAnythingForRom { get; init; }

    /// <summary>
    /// An image of an expansion ROM counts only if its data structure lies on a multiple of four and says that it is long enough
    /// (<c>pci_rom_data_struct_valid()</c>: 7.3, and 6.1's stable series, not yet 6.12's).
    /// </summary>
    public bool ChecksRomDataStructure { get; init; } = true;

    /// <summary>What <c>bind</c> in sysfs gives for a function that has a driver.</summary>
    public Errno ErrorOfSecondBind { get; init; } = Errno.EBUSY;
}
