namespace VfioPm;

/// <summary>Who stands still on a machine that goes to sleep or wakes.</summary>
[Flags]
internal enum Frozen
{
    None = 0,

    /// <summary>User space, guests included (<c>pm_freezing</c>).</summary>
    Users = 1,

    /// <summary>The freezable work queues, <c>pm_wq</c> among them (<c>pm_nosig_freezing</c>).</summary>
    Work = 2,

    /// <summary>Interrupts of devices, and what they would bring about (<c>suspend_device_irqs()</c>).</summary>
    Interrupts = 4,
}
