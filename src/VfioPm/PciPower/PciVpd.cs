namespace VfioPm;

/// <summary>
/// The kernel's access to a function's vital product data (<c>drivers/pci/vpd.c</c>). Nobody wakes the function for it.
/// </summary>
internal sealed class PciVpd : INumbered
{
    private const byte LargeResource = 0x80;
    private const byte EndTag = 0x0f;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(125);

    private readonly PciFunction _hardware;

    // Where the capability begins.
    private readonly int _start;
    private readonly Kernel _kernel;

    // One access at a time: it takes two registers.
    private readonly KernelMutex _lock;

    // How many bytes there are; 0 until that is known, and asked for again by each access until then.
    private int _length;
    private bool _isMissing;

    private PciVpd(PciFunction hardware, int start, Kernel kernel, RuntimePmDevice runtime)
    {
        _hardware = hardware;
        _start = start;
        _kernel = kernel;
        _lock = new KernelMutex(kernel, "vpd->lock", runtime.Name, runtime.Index);
    }

    private PciVpd(PciVpd original, ForkContext fork)
    {
        fork.Register(original, this);
        _hardware = fork.Of(original._hardware);
        _start = original._start;
        _kernel = fork.Of(original._kernel);
        _lock = fork.Of(original._lock);
        _length = original._length;
        _isMissing = original._isMissing;
    }

    public int Index => _lock.Index;

    /// <summary>That of a function, or null for one without the capability.</summary>
    public static PciVpd? Find(PciFunction hardware, Kernel kernel, RuntimePmDevice runtime) =>
        hardware.Capabilities.Find(CapabilityId.VitalProductData) is { Offset: int start }
            ? new PciVpd(hardware, start, kernel, runtime)
            : null;

    /// <summary>Reads a dword (<c>pci_read_vpd()</c>).</summary>
    /// <returns>
    /// How many of its bytes there were: fewer at the end, 0 behind it; -ENODEV without vital product data; -ETIMEDOUT from a
    /// function that does not come to an end.
    /// </returns>
    public async KernelCall<VpdBytes> Read(int position) => await IsThere()
        ? await Read(position, 4, _length)
        : new VpdBytes(-Errno.ENODEV, 0);

    /// <summary>Writes a dword (<c>pci_write_vpd()</c>).</summary>
    /// <returns>4; -EINVAL behind the end, or for half a dword; and as <see cref="Read(int)"/>.</returns>
    public async KernelCall<int> Write(int position, uint data)
    {
        if (!await IsThere())
        {
            return -Errno.ENODEV;
        }

        if ((position & 3) != 0 || position + 4 > _length)
        {
            return -Errno.EINVAL;
        }

        using (await _lock.Lock())
        {
            _hardware.WriteCycle(_start + VpdRegisters.Data, 4, data);
            _hardware.WriteCycle(_start + VpdRegisters.Address, 2, (uint)position | VpdRegisters.AddressFlag);
            return await Wait(flag: false) ? 4 : -Errno.ETIMEDOUT;
        }
    }

    public IForkable Fork(ForkContext fork) => new PciVpd(this, fork);

    public void AddTo(ref StateHash hash)
    {
        _lock.AddTo(ref hash);
        hash.Add(_length);
        hash.Add(_isMissing);
    }

    /// <summary>
    /// Whether there is any (<c>pci_vpd_available()</c>). A memory that cannot be read is there, with no bytes; one whose first tag makes
    /// no sense is not, for ever.
    /// </summary>
    private async KernelCall<bool> IsThere()
    {
        if (!_isMissing && _length == 0)
        {
            int? measured = await Measure();
            _isMissing = measured is null;
            _length = measured ?? 0;
        }

        return !_isMissing;
    }

    /// <summary>Reads up to four bytes (<c>pci_vpd_read()</c>).</summary>
    private async KernelCall<VpdBytes> Read(int position, int count, int end)
    {
        if (position >= end)
        {
            return default;
        }

        int length = Math.Min(count, end - position);
        uint bytes = 0;
        using (await _lock.Lock())
        {
            for (int done = 0; done < length;)
            {
                int at = position + done;
                _hardware.WriteCycle(_start + VpdRegisters.Address, 2, (uint)at & ~3u);
                if (!await Wait(flag: true))
                {
                    return new VpdBytes(-Errno.ETIMEDOUT, 0);
                }

                uint data = _hardware.ReadCycle(_start + VpdRegisters.Data, 4) >> (8 * (at & 3));
                for (int i = at & 3; i < 4 && done < length; i++, data >>= 8)
                {
                    bytes |= (data & 0xff) << (8 * done++);
                }
            }

            return new VpdBytes(length, bytes);
        }
    }

    /// <summary>Follows the tags to the one that says that it is the last (<c>pci_vpd_size()</c>).</summary>
    /// <returns>The bytes up to what cannot be read, or makes no sense; null where nothing does.</returns>
    private async KernelCall<int?> Measure()
    {
        int at = 0;
        while (true)
        {
            VpdBytes first = await Read(at, 1, VpdRegisters.AddressableSize);
            if (first.Count != 1)
            {
                return at;
            }

            byte tag = (byte)first.Bytes;
            bool isLarge = (tag & LargeResource) != 0;
            bool isMissing = at == 0 && (tag == 0x00 || tag == 0xff);
            VpdBytes length = isLarge
                ? await Read(at + 1, 2, VpdRegisters.AddressableSize)
                : new VpdBytes(2, tag & 0x07u);
            int size = (int)length.Bytes;
            if (isMissing || length.Count != 2 || at + size > VpdRegisters.AddressableSize)
            {
                return at == 0 ? null : at;
            }

            at += (isLarge ? 3 : 1) + size;
            if (!isLarge && tag >> 3 == EndTag)
            {
                return at;
            }
        }
    }

    /// <summary>Looks again and again whether the function is done (<c>pci_vpd_wait()</c>).</summary>
    private async KernelCall<bool> Wait(bool flag)
    {
        if (IsDone(flag))
        {
            return true;
        }

        await _kernel.Sleep(Timeout);
        return IsDone(flag);
    }

    private bool IsDone(bool flag) =>
        (_hardware.ReadCycle(_start + VpdRegisters.Address, 2) & VpdRegisters.AddressFlag) != 0 == flag;
}

/// <summary>What came of reading vital product data.</summary>
/// <param name="Count">How many bytes, or an error.</param>
/// <param name="Bytes">They, the first lowest.</param>
internal readonly record struct VpdBytes(int Count, uint Bytes);
