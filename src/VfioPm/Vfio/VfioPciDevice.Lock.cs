namespace VfioPm;

// memory_lock, and the lock of the interrupts.
public sealed partial class VfioPciDevice
{
    /// <summary>
    /// Whether somebody is in the middle of changing what can be accessed of the device: its power state, what it decodes, or
    /// a reset (<c>memory_lock</c> held for writing).
    /// </summary>
    public bool IsMemoryLocked => Memory.IsWriteLocked;

    /// <summary>
    /// Whoever changes what can be accessed of the device holds it for writing until that is done; whoever accesses memory is
    /// a reader.
    /// </summary>
    internal RwSemaphore Memory { get; }

    /// <summary>What sets up, and gives up, interrupts holds it.</summary>
    internal KernelMutex InterruptGate { get; }

    /// <summary>
    /// Takes <c>memory_lock</c> as another thread would that is in the middle of such a change: a hot reset then fails with
    /// -EBUSY, and accesses to memory, resets and power states wait until the lock is given back.
    /// </summary>
    /// <returns>False if somebody holds it.</returns>
    /// <exception cref="InvalidOperationException">The function is no longer bound.</exception>
    public bool TryLockMemory()
    {
        CheckBound();
        lock (Clock.Gate)
        {
            return Memory.TryTakeFromOutside();
        }
    }

    /// <summary>Gives the lock back; who waits for it goes on.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void UnlockMemory()
    {
        lock (Clock.Gate)
        {
            Memory.GiveBackFromOutside();
        }
    }

    /// <summary>
    /// Takes the lock, and what is mapped and exported away (<c>vfio_pci_zap_and_down_write_memory_lock()</c>,
    /// <c>vfio_pci_dma_buf_move()</c>).
    /// </summary>
    internal async KernelCall<LockScope> LockMemory(bool takeAway)
    {
        LockScope held = await Memory.DownWrite();
        if (takeAway)
        {
            ZapMappings();
            await RevokeDmaBufs();
        }

        return held;
    }

    /// <summary>
    /// Takes the lock and lets the function decode memory, in whatever state it is
    /// (<c>vfio_pci_memory_lock_and_enable()</c>).
    /// </summary>
    internal async KernelCall<EnabledMemoryScope> LockAndEnableMemory()
    {
        LockScope held = await Memory.DownWrite();
        uint command = Pci.ReadConfig(PciRegisters.Command, 2);
        if ((command & PciRegisters.CommandMemory) == 0)
        {
            Pci.WriteConfig(PciRegisters.Command, 2, command | PciRegisters.CommandMemory);
        }

        return new EnabledMemoryScope(Pci, command, held);
    }

    /// <summary>The block in which memory is decoded; then COMMAND is as it was, and the lock free.</summary>
    internal readonly struct EnabledMemoryScope(PciDevice pci, uint command, LockScope held) : IDisposable
    {
        /// <summary><c>vfio_pci_memory_unlock_and_restore()</c>.</summary>
        public void Dispose()
        {
            using (held)
            {
                pci.WriteConfig(PciRegisters.Command, 2, command);
            }
        }
    }
}
