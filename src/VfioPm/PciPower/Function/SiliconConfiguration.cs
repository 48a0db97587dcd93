namespace VfioPm;

/// <summary>
/// Configuration space as the host's kernel reaches it: by cycles on the bus, which take no time. Only where a BAR does not take
/// what it held, as that of a function that does not answer, it is tried again for 10 ms (<c>pci_restore_config_dword()</c>).
/// </summary>
internal sealed class SiliconConfiguration : IPciConfiguration
{
    private readonly PciFunction _hardware;
    private readonly Kernel _kernel;

    public SiliconConfiguration(PciFunction hardware, Kernel kernel)
    {
        _hardware = hardware;
        _kernel = kernel;
        Bars = hardware.Bars;
    }

    private SiliconConfiguration(SiliconConfiguration original, ForkContext fork)
    {
        fork.Register(original, this);
        _hardware = fork.Of(original._hardware);
        _kernel = fork.Of(original._kernel);
        Bars = original.Bars;
        IsDisconnected = original.IsDisconnected;
    }

    public int Index => _hardware.Index;

    public bool IsDisconnected { get; set; }

    public ConfigurationSpace Found => _hardware.Configuration;

    public CapabilityList Capabilities => _hardware.Capabilities;

    public PmCapability? Pm => _hardware.Pm;

    public IReadOnlyList<Bar> Bars { get; private set; }

    public TimeSpan D3HotDelay => _hardware.D3HotDelay;

    public TimeSpan D3ColdDelay => _hardware.D3ColdDelay;

    /// <summary>Reads, for who must not wait.</summary>
    public uint ReadNow(int offset, int width) =>
        IsDisconnected ? uint.MaxValue >> (32 - (8 * width)) : _hardware.ReadCycle(offset, width);

    /// <summary>Writes, for who must not wait.</summary>
    public void WriteNow(int offset, int width, uint value)
    {
        if (!IsDisconnected)
        {
            _hardware.WriteCycle(offset, width, value);
        }
    }

    public KernelCall<uint> Read(int offset, int width) => ReadNow(offset, width);

    public KernelCall Write(int offset, int width, uint value)
    {
        WriteNow(offset, width, value);
        return KernelCall.Returned;
    }

    public KernelCall Update(int offset, int width, uint clear, uint set)
    {
        uint before = ReadNow(offset, width);
        WriteNow(offset, width, (before & ~clear) | set);
        return KernelCall.Returned;
    }

    public KernelCall Save(ConfigurationSnapshot copy)
    {
        if (IsDisconnected)
        {
            copy.TakeNothing();
            return KernelCall.Returned;
        }

        _hardware.ReadCycles(copy.ChangeHeader());
        _hardware.ReadCycles(copy.Registers, copy.ChangeValues());
        return KernelCall.Returned;
    }

    public KernelCall Restore(ConfigurationSnapshot copy)
    {
        WriteCycles(copy, ..copy.BeforeHeader);
        int refused = WriteDifferent(copy, copy.Header.Length);
        if (refused >= 0)
        {
            return RestoreOn(copy, refused);
        }

        RestoreBehindHeader(copy);
        return KernelCall.Returned;
    }

    /// <summary>BARs have another size.</summary>
    public void FollowBarSizes() => Bars = _hardware.Bars;

    public void AddBarSizesTo(ref StateHash hash)
    {
        for (int i = 0; i < Bars.Count; i++)
        {
            hash.Add((long)Bars[i].Size);
        }
    }

    public IForkable Fork(ForkContext fork) => new SiliconConfiguration(this, fork);

    /// <summary>Goes on where a BAR does not hold what was written.</summary>
    private async KernelCall RestoreOn(ConfigurationSnapshot copy, int refused)
    {
        while (refused >= 0)
        {
            for (int retry = 0; retry < ConfigurationSnapshot.Retries; retry++)
            {
                await _kernel.Delay(ConfigurationSnapshot.RetryDelay);
                WriteNow(4 * refused, 4, copy.Header[refused]);
                if (ReadNow(4 * refused, 4) == copy.Header[refused])
                {
                    break;
                }
            }

            refused = WriteDifferent(copy, refused);
        }

        RestoreBehindHeader(copy);
    }

    private void RestoreBehindHeader(ConfigurationSnapshot copy) => WriteCycles(copy, copy.BeforeHeader..);

    private void WriteCycles(ConfigurationSnapshot copy, Range some)
    {
        if (!IsDisconnected)
        {
            _hardware.WriteCycles(copy.Registers[some], copy.Values[some]);
        }
    }

    /// <summary>Writes the first dwords of the header, up to one that does not hold what it should; of who is gone, the first.</summary>
    private int WriteDifferent(ConfigurationSnapshot copy, int count) => IsDisconnected
        ? copy.LastMissing(count)
        : _hardware.WriteDifferent(copy.Header[..count], copy.Checked);
}
