namespace VfioPm;

/// <summary>
/// The registers of a device of which no recording tells what they hold, nor what writing them does: whatever is read of them
/// could be anything.
/// </summary>
internal sealed class UnknownRegisters(UnknownBytes unknown) : IDeviceRegisters
{
    public ulong Read(int bar, long offset, int width)
    {
        unknown.OnRead(offset, width);
        return 0;
    }

    public void Write(int bar, long offset, int width, ulong value)
    {
    }

    public void Reset(ResetKind kind)
    {
    }

    public IForkable Fork(ForkContext fork)
    {
        UnknownRegisters copy = new(fork.Of(unknown));
        fork.Register(this, copy);
        return copy;
    }

    public void AddTo(ref StateHash hash) => unknown.AddTo(ref hash);
}
