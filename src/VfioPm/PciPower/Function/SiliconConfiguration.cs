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
    }

    public int Index => _hardware.Index;

    public ConfigurationSpace Found => _hardware.Configuration;

    public CapabilityList Capabilities => _hardware.Capabilities;

    public IReadOnlyList<Bar> Bars { get; }

    public TimeSpan D3HotDelay => _hardware.D3HotDelay;

    public TimeSpan D3ColdDelay => _hardware.D3ColdDelay;

    public KernelCall<uint> Read(int offset, int width) => _hardware.ReadCycle(offset, width);

    public KernelCall Write(int offset, int width, uint value)
    {
        _hardware.WriteCycle(offset, width, value);
        return KernelCall.Returned;
    }

    public KernelCall Update(int offset, int width, uint clear, uint set)
    {
        uint before = _hardware.ReadCycle(offset, width);
        _hardware.WriteCycle(offset, width, (before & ~clear) | set);
        return KernelCall.Returned;
    }

    public KernelCall Save(ConfigurationSnapshot copy)
    {
        _hardware.ReadCycles(copy.Header);
        _hardware.ReadCycles(copy.Registers, copy.Values);
        return KernelCall.Returned;
    }

    public KernelCall Restore(ConfigurationSnapshot copy)
    {
        _hardware.WriteCycles(copy.Registers[..copy.BeforeHeader], copy.Values);
        int refused = _hardware.WriteDifferent(copy.Header, copy.Checked);
        if (refused >= 0)
        {
            return RestoreOn(copy, refused);
        }

        RestoreBehindHeader(copy);
        return KernelCall.Returned;
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
                _hardware.WriteCycle(4 * refused, 4, copy.Header[refused]);
                if (_hardware.ReadCycle(4 * refused, 4) == copy.Header[refused])
                {
                    break;
                }
            }

            refused = _hardware.WriteDifferent(copy.Header[..refused], copy.Checked);
        }

        RestoreBehindHeader(copy);
    }

    private void RestoreBehindHeader(ConfigurationSnapshot copy) =>
        _hardware.WriteCycles(copy.Registers[copy.BeforeHeader..], copy.Values[copy.BeforeHeader..]);
}
