namespace VfioPm;

// Interrupts, and what the host signals to the device's user.
public sealed partial class VfioPciDevice
{
    // Functions whose INTx never works, by Intel's device IDs: XL710 and its kin, and X550 (vfio_pci_nointx()).
    private static readonly (int First, int Last)[] BrokenIntx =
        [(0x1572, 0x1572), (0x1574, 0x1574), (0x1580, 0x1581), (0x1583, 0x158b), (0x37d0, 0x37d2), (0x1563, 0x1563)];

    private const int Intel = 0x8086;

    /// <summary>Whether INTx is broken and kept off (<c>nointx</c>).</summary>
    internal bool IsIntxBroken => !Parameters.NoIntxMask
        && Pci.VendorId == Intel
        && Array.Exists(BrokenIntx, range => Pci.DeviceId >= range.First && Pci.DeviceId <= range.Last);

    /// <summary>
    /// Base-2 logarithm of the vectors of MSI that a user set up last, rounded up (<c>msi_qmax</c>): it outlives the use.
    /// </summary>
    internal int MsiQueueSize { get; set; }

    /// <summary>Which of INTx, MSI and MSI-X the user has set up, if any.</summary>
    public VfioIrqIndex? InterruptType => Session?.Interrupts.Type;

    /// <summary>The eventfd that an interrupt of the device signals; null without one, and where there is no such vector.</summary>
    public EventFd? InterruptEventFd(VfioIrqIndex index, int vector = 0) => Session?.Interrupts.TriggerOf(index, vector);

    /// <summary>The eventfd that waking the device signals, or null (Linux 6.1 and later).</summary>
    public EventFd? WakeupEventFd => Power.Wakeup;

    /// <summary>
    /// The host wants the device back, as unbinding an open device begins: its user is asked
    /// (<c>vfio_pci_core_request()</c>).
    /// </summary>
    /// <returns>Whether the user listens.</returns>
    /// <exception cref="InvalidOperationException">The function is no longer bound.</exception>
    public bool RequestRelease()
    {
        CheckBound();
        lock (Clock.Gate)
        {
            return Session is { } session && session.Interrupts.SignalRequest();
        }
    }

    /// <summary>The same while the host waits, of which every tenth is told in the kernel log.</summary>
    private void RelayRequest(int request)
    {
        if (Session is { } session && session.Interrupts.SignalRequest())
        {
            if (request % 10 == 0)
            {
                VfioLog.Relaying(Pci.Logger, Pci.Name, request);
            }
        }
        else if (request == 0)
        {
            VfioLog.Blocked(Pci.Logger, Pci.Name);
        }
    }

    /// <summary>
    /// The function reported an error that cannot be corrected, and the user is told
    /// (<c>vfio_pci_core_aer_err_detected()</c>).
    /// </summary>
    /// <returns>Whether the user listens.</returns>
    /// <exception cref="InvalidOperationException">The function is no longer bound.</exception>
    public bool ReportError()
    {
        CheckBound();
        lock (Clock.Gate)
        {
            return Session is { } session && session.Interrupts.SignalError();
        }
    }
}
