using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>
/// Users' accesses to a function's configuration space, which wait while it is being reset (<c>drivers/pci/access.c</c>).
/// </summary>
internal sealed class PciAccess : INumbered
{
    private readonly PciFunction _hardware;

    // Users' accesses are its readers, one by one; who resets the function keeps them out.
    private readonly RwSemaphore _lock;

    public PciAccess(PciFunction hardware, Kernel kernel, RuntimePmDevice runtime)
    {
        _hardware = hardware;
        _lock = new RwSemaphore(kernel, "pci_cfg_access", runtime.Name, runtime.Index);
    }

    private PciAccess(PciAccess original, ForkContext fork)
    {
        fork.Register(original, this);
        _hardware = fork.Of(original._hardware);
        _lock = fork.Of(original._lock);
    }

    public int Index => _lock.Index;

    /// <summary>Reads (<c>pci_user_read_config_*()</c>).</summary>
    public KernelCall<uint> Read(int offset, int width) =>
        _lock.IsWriteLocked ? ReadLater(offset, width) : _hardware.ReadCycle(offset, width);

    /// <summary>Writes (<c>pci_user_write_config_*()</c>).</summary>
    public KernelCall<int> Write(int offset, int width, uint value)
    {
        if (_lock.IsWriteLocked)
        {
            return WriteLater(offset, width, value);
        }

        _hardware.WriteCycle(offset, width, value);
        return 0;
    }

    /// <summary>Keeps users out (<c>pci_cfg_access_lock()</c>).</summary>
    public KernelCall<LockScope> Lock([CallerMemberName] string place = "") => _lock.DownWrite(place);

    /// <summary>The same if nobody else does (<c>pci_cfg_access_trylock()</c>).</summary>
    public LockScope TryLock([CallerMemberName] string place = "") => _lock.DownWriteTryLock(place);

    /// <summary>What either took; its end lets users in again (<c>pci_cfg_access_unlock()</c>).</summary>
    public LockScope Held => new(_lock, LockMode.Write);

    public IForkable Fork(ForkContext fork) => new PciAccess(this, fork);

    public void AddTo(ref StateHash hash) => _lock.AddTo(ref hash);

    private async KernelCall<uint> ReadLater(int offset, int width)
    {
        using (await _lock.DownRead())
        {
            return _hardware.ReadCycle(offset, width);
        }
    }

    private async KernelCall<int> WriteLater(int offset, int width, uint value)
    {
        using (await _lock.DownRead())
        {
            _hardware.WriteCycle(offset, width, value);
            return 0;
        }
    }
}
