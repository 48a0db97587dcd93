namespace VfioPm;

/// <summary>The hotplug service of a port with a slot (<c>drivers/pci/hotplug/pciehp</c>).</summary>
internal interface IHotplugService : IForkable
{
    /// <summary>What the slot is called in sysfs, while the port's driver runs it.</summary>
    string? SlotName { get; }

    /// <summary>Whether the slot has power (<c>get_power_status()</c>).</summary>
    bool IsPowerOn { get; }

    /// <summary>Whether a card is there (<c>get_adapter_status()</c>); null where the port does not answer.</summary>
    bool? IsOccupied { get; }

    /// <summary>The port's driver takes the slot over.</summary>
    KernelCall Start();

    /// <summary>The port's driver gives it up.</summary>
    KernelCall Stop();

    /// <summary>The port is about to sleep.</summary>
    KernelCall RuntimeSuspend();

    /// <summary>The port is awake again.</summary>
    KernelCall RuntimeResume();

    /// <summary>The machine goes to sleep with the port, or wakes.</summary>
    KernelCall SystemSleep(SleepPhase phase);

    /// <summary>The port interrupts.</summary>
    void OnInterrupt();

    /// <summary>A card was found that sat there since boot.</summary>
    void OnFound();

    /// <summary>The administrator switches the slot's power on.</summary>
    KernelCall<int> EnableSlot();

    /// <summary>The administrator switches the slot's power off.</summary>
    KernelCall<int> DisableSlot();

    void AddTo(ref StateHash hash);
}
