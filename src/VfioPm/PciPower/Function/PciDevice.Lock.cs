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
            return Lock.TryTakeFromOutside();
        }
    }

    /// <summary>Gives the lock back; who waits for it goes on.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Unlock()
    {
        lock (Core.Clock.Gate)
        {
            Lock.GiveBackFromOutside();
        }
    }

    /// <summary>Takes what a reset needs: the device's lock, and users off configuration space (<c>pci_dev_lock()</c>).</summary>
    internal async KernelCall<ResetScope> LockForReset() => new(await Lock.Lock(), await Access.Lock());

    /// <summary>The same for who must not wait (<c>pci_dev_trylock()</c>).</summary>
    internal ResetScope TryLockForReset()
    {
        LockScope own = Lock.TryLock();
        LockScope access = own.IsTaken ? Access.TryLock() : default;
        if (access.IsTaken)
        {
            return new ResetScope(own, access);
        }

        own.Dispose();
        return default;
    }

    /// <summary>The locks of a reset were given back (<c>pci_dev_unlock()</c>), and whoever waited for them may go first.</summary>
    internal KernelWait Unlocked() => Core.Kernel.Preempt(PreemptionPoint.Unlock);

    /// <summary>Goes into one of its files in sysfs, if it still has them.</summary>
    internal LockScope TryEnterFile() => IsDead ? default : Files.Enter();

    /// <summary>What either took, for who holds several functions and cannot keep a scope of each.</summary>
    internal ResetScope HeldForReset => new(new LockScope(Lock, LockMode.Write), Access.Held);
}
