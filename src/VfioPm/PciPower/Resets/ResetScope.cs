namespace VfioPm;

/// <summary>
/// The block in which a function is held for a reset: the device's lock is taken, and users are off its configuration space.
/// </summary>
internal readonly struct ResetScope(LockScope device, LockScope access) : IDisposable
{
    /// <summary>Whether it is held: who only tried may have come too late.</summary>
    public bool IsTaken => device.IsTaken;

    /// <summary><c>pci_dev_unlock()</c>.</summary>
    public void Dispose()
    {
        access.Dispose();
        device.Dispose();
    }
}
