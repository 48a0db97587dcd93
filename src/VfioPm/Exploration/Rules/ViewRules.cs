namespace VfioPm;

/// <summary>Rules about what the kernel's book-keeping says and what is so.</summary>
internal static class ViewRules
{
    public static readonly Rule ViewsAgree = new StateRule(
        "views-agree",
        "With nobody in the middle of anything, what the kernel believes of the power of a function that it manages is so: the power state is the"
            + " hardware's, and who counts as suspended sleeps.",
        "Documentation/power/runtime_pm.rst, section 2; Documentation/power/pci.rst, section 2.3; struct pci_dev's current_state",
        static moment => moment.IsQuiet ? FindDisagreement(moment.Host) : null);

    public static readonly Rule SetAccounted = new StateRule(
        "set-accounted",
        "At rest every function of a set that resets together is accounted for by itself: who is unused, and may sleep, sleeps"
            + " and is counted as asleep.",
        "vfio_pci_dev_set_try_reset(); review of the RFC's patch 1 (the loop resumed the function that was reset through)",
        static moment => moment.IsAtRest ? FindUnaccounted(moment.Host) : null);

    public static readonly Rule UncheckedResume = new StateRule(
        "unchecked-resume",
        "Nobody goes on to use a device that could not be woken: who has it open, and does not let it sleep, has it awake.",
        "pm_runtime_resume_and_get() (Documentation/power/runtime_pm.rst, section 4); vfio_pci_core_enable()",
        static moment => moment.IsQuiet ? FindSleeping(moment.Host) : null);

    public static readonly Rule SleepsAgain = new StateRule(
        "sleeps-again",
        "At rest whoever nobody counts on sleeps, where he may: nothing else will ever make him.",
        "Documentation/power/runtime_pm.rst, section 5 (pm_runtime_put(), pm_request_idle()); notes on the RFC (a port is left awake)",
        static moment => moment.IsAtRest ? FindLeftAwake(moment.Host) : null);

    public static readonly Rule BridgeAwake = new StateRule(
        "bridge-awake",
        "With nobody in the middle of anything, what a function hangs on that the kernel believes to be in D0 is in D0: the bridges above"
            + " it, and the physical function of a virtual one.",
        "PCI-to-PCI Bridge 1.2, appendix B; PCI Express Base, sections 5.3.1 and 9.6.2; pci_config_pm_runtime_get(), pm_runtime's parents;"
            + " vfio_pci_core_sriov_configure()",
        static moment => moment.IsQuiet ? FindCutOff(moment.Host) : null);

    private static string? FindCutOff(SimulatedHost host)
    {
        foreach (PciDevice device in host.Devices)
        {
            if (device.Driver is null || !device.RuntimePm.IsEnabled || device.PowerState != PowerState.D0 || !device.Hardware.IsFedBySlot)
            {
                continue;
            }

            if (device.PhysicalFunction is { Hardware.PowerState: not PowerState.D0 } physical)
            {
                return $"{device.Name} counts as in D0, and {physical.Name}, whose virtual function it is, is in {physical.Hardware.PowerState.KernelName}";
            }

            for (PciDevice? bridge = device.Upstream; bridge is not null; bridge = bridge.Upstream)
            {
                if (bridge.Hardware.PowerState != PowerState.D0)
                {
                    return $"{device.Name} counts as in D0, and {bridge.Name} above it is in {bridge.Hardware.PowerState.KernelName}";
                }
            }
        }

        return null;
    }

    private static string? FindLeftAwake(SimulatedHost host)
    {
        foreach (PciDevice device in host.Devices)
        {
            bool maySleep = device.Driver is VfioPciDriver || device.BridgeD3;
            RuntimePmDevice runtime = device.RuntimePm;
            if (maySleep && device.Hardware.IsFedBySlot && runtime is { IsEnabled: true, UsageCount: 0, ChildCount: 0, Status: RuntimeStatus.Active })
            {
                return $"{device.Name} is active with a usage count of 0, and nothing is pending that puts it to sleep";
            }
        }

        return null;
    }

    private static string? FindDisagreement(SimulatedHost host)
    {
        foreach (PciDevice device in host.Devices)
        {
            if (device.Power.Pm is null || device.Driver is null || !device.RuntimePm.IsEnabled || device.PowerState == PowerState.Unknown)
            {
                continue;
            }

            // Who has power and does not answer is in no state that anybody can read, and whom the kernel gave up it does not ask.
            bool isKnown = device.Hardware is { IsFedBySlot: true } hardware && (device.AnswersKernel || !hardware.HasPower);
            if (device.PowerState != device.Hardware.PowerState && isKnown)
            {
                return $"{device.Name} is in {device.Hardware.PowerState.KernelName}, and the kernel believes {device.PowerState.KernelName}";
            }

            if (device.RuntimeStatus == RuntimeStatus.Suspended && device.PowerState == PowerState.D0 && device.Hardware.TakesD3Hot)
            {
                return $"{device.Name} counts as suspended, and is in D0";
            }
        }

        return null;
    }

    private static string? FindUnaccounted(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            bool isUnused = !device.IsOpen && device.Pci.UsageCount == 0
                && device.RuntimePm.IsEnabled && device.Pci.Hardware is { TakesD3Hot: true, IsFedBySlot: true } && device.Pci.AnswersKernel;
            if (device.Set.Members.Count > 1 && isUnused
                && (device.Pci.Hardware.PowerState == PowerState.D0 || device.Pci.RuntimeStatus != RuntimeStatus.Suspended))
            {
                return $"{device.Pci.Name} is unused, {device.Pci.RuntimeStatus} and in {device.Pci.Hardware.PowerState.KernelName}";
            }
        }

        return null;
    }

    private static string? FindSleeping(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            if (device.IsOpen && device.Pci.UsageCount > 0 && device.Pci.RuntimeStatus == RuntimeStatus.Suspended)
            {
                return $"{device.Pci.Name} is open with a usage count of {device.Pci.UsageCount}, and suspended";
            }
        }

        return null;
    }
}
