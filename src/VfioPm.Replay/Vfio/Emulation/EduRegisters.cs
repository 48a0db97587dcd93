namespace VfioPm;

/// <summary>
/// The emulator's teaching device as far as the recordings touch it. It answers whole dwords only, and nothing
/// resets it.
/// </summary>
/// <param name="unknown">The result that stands in its register: 0 at boot, else what an earlier scenario left there.</param>
internal sealed class EduRegisters(UnknownBytes unknown) : IDeviceRegisters
{
    private const long Identification = 0x00;
    private const long Liveness = 0x04;
    private const long Factorial = 0x08;

    private uint _factorial;
    private uint _liveness;

    /// <summary>That the result of an earlier scenario is small is all that is known of it.</summary>
    public static UnknownBytes MakeUnknown() => new(Factorial);

    // Nobody answers cycles of less than a dword; of more, its direct memory access would.
    public ulong Read(int bar, long offset, int width)
    {
        if (width != 4)
        {
            return width < 4 ? 0 : ulong.MaxValue;
        }

        unknown.OnRead(offset, width);
        return offset switch
        {
            Identification => 0x0100_00ed,
            Liveness => _liveness,
            Factorial => _factorial,
            _ => uint.MaxValue,
        };
    }

    public void Write(int bar, long offset, int width, ulong value)
    {
        if (width != 4)
        {
            return;
        }

        unknown.Learn(offset, width);
        switch (offset)
        {
            case Liveness:
                _liveness = ~(uint)value;
                break;
            case Factorial:
                _factorial = FactorialOf((uint)value);
                break;
        }
    }

    public void Reset(ResetKind kind)
    {
    }

    public IForkable Fork(ForkContext fork)
    {
        EduRegisters copy = new(fork.Of(unknown)) { _factorial = _factorial, _liveness = _liveness };
        fork.Register(this, copy);
        return copy;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_factorial);
        unknown.AddTo(ref hash);
        hash.Add(_liveness);
    }

    // From 34! on the 32 bits hold nothing but zeros.
    private static uint FactorialOf(uint number)
    {
        uint product = 1;
        for (uint factor = 2; factor <= number && product != 0; factor++)
        {
            product = unchecked(product * factor);
        }

        return product;
    }
}
