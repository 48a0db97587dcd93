namespace VfioPm;

/// <summary>
/// Registers that a test wrote. Where they throw, the cycle is one that nobody answers, and the kernel goes on as it does then;
/// what they threw comes out of its call at the end.
/// </summary>
internal sealed class ForeignRegisters : IDeviceRegisters
{
    private readonly IDeviceRegisters _registers;
    private readonly CallsUnderWay _calls;

    public ForeignRegisters(IDeviceRegisters registers, CallsUnderWay calls)
    {
        _registers = registers;
        _calls = calls;
    }

    private ForeignRegisters(ForeignRegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        _registers = fork.Of(original._registers);
        _calls = fork.Of(original._calls);
    }

    public bool? WantsInterrupt
    {
        get
        {
            try
            {
                return _registers.WantsInterrupt;
            }
            catch (Exception thrown)
            {
                _calls.Keep(thrown);
                return null;
            }
        }
    }

    public void Connect(PciFunction owner) => _registers.Connect(owner);

    public ulong Read(int bar, long offset, int width)
    {
        try
        {
            return _registers.Read(bar, offset, width);
        }
        catch (Exception thrown)
        {
            _calls.Keep(thrown);
            return ulong.MaxValue >> (64 - (8 * width));
        }
    }

    public void Write(int bar, long offset, int width, ulong value)
    {
        try
        {
            _registers.Write(bar, offset, width, value);
        }
        catch (Exception thrown)
        {
            _calls.Keep(thrown);
        }
    }

    public void Reset(ResetKind kind)
    {
        try
        {
            _registers.Reset(kind);
        }
        catch (Exception thrown)
        {
            _calls.Keep(thrown);
        }
    }

    public IForkable Fork(ForkContext fork) => new ForeignRegisters(this, fork);

    public void AddTo(ref StateHash hash) => _registers.AddTo(ref hash);
}
