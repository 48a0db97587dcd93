namespace VfioPm;

/// <summary>What a driver does with the interrupt of its function's pin (<c>kernel/irq/manage.c</c>).</summary>
public static class PciIrq
{
    /// <summary>
    /// The driver listens from now on (<c>request_irq()</c>): <see cref="PciDriver.OnLineInterrupt"/> is called, for this function or
    /// for whoever else's pin leads to the line. The function is enabled before.
    /// </summary>
    /// <param name="device">The driver's function.</param>
    /// <param name="isShared">Whether others may listen too (<c>IRQF_SHARED</c>).</param>
    /// <returns>0; -EBUSY where somebody listens who does not share, or whom this one would have to share with; -EINVAL without a pin.</returns>
    public static int Request(PciDevice device, bool isShared = true)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.InterruptLine is { } line ? line.Request(device, isShared) : -Errno.EINVAL;
    }

    /// <summary>The driver no longer listens (<c>free_irq()</c>).</summary>
    public static void Free(PciDevice device) => LineOf(device).Free(device);

    /// <summary>Nobody on the line is interrupted (<c>disable_irq_nosync()</c>) until it is enabled as often.</summary>
    public static void Disable(PciDevice device) => LineOf(device).Disable();

    /// <summary><c>enable_irq()</c>: what is asserted meanwhile comes now.</summary>
    public static void Enable(PciDevice device) => LineOf(device).Enable();

    private static InterruptLine LineOf(PciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.InterruptLine ?? throw new InvalidOperationException($"{device.Name} has no interrupt pin.");
    }
}
