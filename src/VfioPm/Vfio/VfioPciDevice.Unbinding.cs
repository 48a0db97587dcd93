namespace VfioPm;

// Giving the function up.
public sealed partial class VfioPciDevice
{
    private const string Unbinding = "unbound from vfio-pci";

    /// <summary>
    /// Gives the function up, as writing to <c>unbind</c> in sysfs does. Where a user has the device open the kernel asks it
    /// to release the device (<see cref="VfioIrqIndex.Req"/>), again every ten seconds, and waits until it has.
    /// </summary>
    /// <exception cref="SimulationDeadlockException">
    /// A user has the device open, and nothing that is pending closes it: the call goes on once it is closed.
    /// </exception>
    /// <exception cref="InvalidOperationException">The function is no longer bound.</exception>
    public void Unbind()
    {
        CheckBound();
        using KernelEntry entry = KernelEntry.Call(Kernel, Unbinding, Pci.Name);
        entry.Run(Release());
    }

    /// <summary>Gives the function up, or says why not; it waits for a user as <see cref="Unbind"/> does.</summary>
    /// <returns>0; -ENODEV where vfio-pci does not have the function any more (<c>unbind_store()</c>).</returns>
    /// <exception cref="SimulationDeadlockException">As of <see cref="Unbind"/>.</exception>
    public KernelResult TryUnbind()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Unbinding, Pci.Name);
        return entry.Run(Release());
    }

    /// <summary>Begins <see cref="Unbind"/>.</summary>
    /// <exception cref="InvalidOperationException">The function is no longer bound.</exception>
    public PendingCall BeginUnbind()
    {
        CheckBound();
        using KernelEntry entry = KernelEntry.Begin(Kernel, Unbinding, Pci.Name);
        return entry.Start(Release());
    }

    /// <summary>Who has the device of an earlier binding has nothing to do with what is bound now.</summary>
    private void CheckBound()
    {
        lock (Clock.Gate)
        {
            if (_driver.FindBound(Pci) != this)
            {
                throw new InvalidOperationException(
                    $"{Pci.Name} was unbound from vfio-pci: bind it again, and go on with what that gives.");
            }
        }
    }

    /// <summary><c>unbind_store()</c>.</summary>
    private async KernelCall<int> Release()
    {
        if (VfioPciDriver.TryFind(Pci) != this)
        {
            return -Errno.ENODEV;
        }

        await DriverBinding.Release(Pci);
        return 0;
    }
}
