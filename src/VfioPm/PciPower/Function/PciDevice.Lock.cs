namespace VfioPm;

// The locks of a function.
public sealed partial class PciDevice
{
    /// <summary>Whether somebody holds the function's lock.</summary>
    public bool IsLocked => Lock.IsWriteLocked;

    /// <summary>What binding, unbinding and resets hold.</summary>
    internal DeviceLock Lock => RuntimePm.Lock;

    /// <summary>
    /// Takes the function's lock as another thread of the kernel would that is busy with the function: who needs it waits, and
    /// whoever only tries (<c>pci_dev_trylock()</c>) fails with -EAGAIN.
    /// </summary>
    /// <returns>False if somebody holds it.</returns>
    public bool TryLock()
    {
        lock (Core.Clock.Gate)
        {
            return Lock.TryLock();
        }
    }

    /// <summary>Gives the lock back; who waits for it goes on.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Unlock()
    {
        lock (Core.Clock.Gate)
        {
            Lock.Unlock();
        }
    }

    /// <summary>Takes what a reset needs: the device's lock, and users off configuration space (<c>pci_dev_lock()</c>).</summary>
    internal async KernelCall LockForReset()
    {
        await Lock.Lock();
        await Access.Lock();
    }

    /// <summary>The same for who must not wait (<c>pci_dev_trylock()</c>).</summary>
    internal bool TryLockForReset()
    {
        if (!Lock.TryLock())
        {
            return false;
        }

        bool isFree = Access.TryLock();
        if (!isFree)
        {
            Lock.Unlock();
        }

        return isFree;
    }

    /// <summary>Undoes either (<c>pci_dev_unlock()</c>).</summary>
    internal void UnlockAfterReset()
    {
        Access.Unlock();
        Lock.Unlock();
    }
}
