namespace VfioPm;

// The device lock, which binding, unbinding and resets hold (device_lock()).
public sealed partial class PciDevice
{
    /// <summary>Whether somebody holds the function's lock.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>
    /// Takes the lock as another thread of the kernel would that is busy with the function; whoever only tries
    /// (<c>pci_dev_trylock()</c>) then fails with -EAGAIN.
    /// </summary>
    /// <returns>False if somebody holds it.</returns>
    public bool TryLock()
    {
        lock (Core.Clock.Gate)
        {
            bool wasFree = !IsLocked;
            IsLocked = true;
            return wasFree;
        }
    }

    /// <summary>Gives the lock back.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Unlock()
    {
        lock (Core.Clock.Gate)
        {
            IsLocked = IsLocked
                ? false
                : throw new InvalidOperationException($"Nobody holds the lock of {Name}.");
        }
    }
}
