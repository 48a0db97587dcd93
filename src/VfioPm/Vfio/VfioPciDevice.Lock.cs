namespace VfioPm;

// memory_lock: whoever changes what can be accessed of the device holds it until that is done.
public sealed partial class VfioPciDevice
{
    private bool _workerWaitsForMemory;

    /// <summary>
    /// Whether somebody is in the middle of changing what can be accessed of the device: its power state, what it decodes, or
    /// a reset (<c>memory_lock</c> held for writing).
    /// </summary>
    public bool IsMemoryLocked { get; private set; }

    /// <summary>
    /// Takes <c>memory_lock</c> as another thread would that is in the middle of such a change: a hot reset then fails with
    /// -EBUSY, and accesses to memory, resets and power states wait until the lock is given back.
    /// </summary>
    /// <returns>False if somebody holds it.</returns>
    public bool TryLockMemory()
    {
        lock (Clock.Gate)
        {
            bool wasFree = !IsMemoryLocked;
            IsMemoryLocked = true;
            return wasFree;
        }
    }

    /// <summary>Gives the lock back; who waits for it goes on.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void UnlockMemory()
    {
        lock (Clock.Gate)
        {
            IsMemoryLocked = IsMemoryLocked
                ? false
                : throw new InvalidOperationException($"Nobody holds the memory lock of {Pci.Name}.");
            if (_workerWaitsForMemory)
            {
                _workerWaitsForMemory = false;
                Pci.Core.WakeWaiters(RuntimePm);
            }
        }
    }

    /// <summary>
    /// Takes the lock, and the pages that are mapped away (<c>vfio_pci_zap_and_down_write_memory_lock()</c>).
    /// </summary>
    internal void LockMemory(bool zapMappings)
    {
        WaitForMemory();
        IsMemoryLocked = true;
        if (zapMappings)
        {
            ZapMappings();
        }
    }

    /// <summary>Takes the lock for a worker, who is woken when it is free if somebody holds it.</summary>
    internal bool TryLockMemoryForWorker()
    {
        bool wasFree = TryLockMemory();
        _workerWaitsForMemory = !wasFree;
        return wasFree;
    }

    /// <summary>Lets time pass until nobody holds the lock; what follows takes no time, and so needs it no longer.</summary>
    /// <exception cref="SimulationDeadlockException">
    /// Whoever holds it will not give it back: the call would have to wait for one that it interrupted.
    /// </exception>
    internal void WaitForMemory()
    {
        while (IsMemoryLocked)
        {
            Pci.Core.WaitFor(RuntimePm);
        }
    }
}
