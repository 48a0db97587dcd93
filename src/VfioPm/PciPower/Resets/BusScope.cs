namespace VfioPm;

/// <summary>The block in which a bridge and everybody below it are held for a reset.</summary>
internal readonly struct BusScope : IDisposable
{
    private readonly PciDevice? _bridge;

    private BusScope(PciDevice bridge) => _bridge = bridge;

    /// <summary>Whether they are held.</summary>
    public bool IsTaken => _bridge is not null;

    /// <summary>The bridge first, then what is below it: all or nobody (<c>pci_bus_trylock()</c>).</summary>
    public static BusScope TryLock(PciDevice bridge)
    {
        ResetScope own = bridge.TryLockForReset();
        if (!own.IsTaken)
        {
            return default;
        }

        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            if (!TryLock(bridge.Downstream[i]).IsTaken)
            {
                while (i-- > 0)
                {
                    new BusScope(bridge.Downstream[i]).Dispose();
                }

                own.Dispose();
                return default;
            }
        }

        return new BusScope(bridge);
    }

    /// <summary>The bridge last (<c>pci_bus_unlock()</c>).</summary>
    public void Dispose()
    {
        if (_bridge is null)
        {
            return;
        }

        foreach (PciDevice below in _bridge.Downstream)
        {
            // A rescan may have found it since, of which a reset knows nothing: the kernel unlocks what it never locked.
            if (below.Lock.IsMine)
            {
                new BusScope(below).Dispose();
            }
        }

        _bridge.HeldForReset.Dispose();
    }
}
