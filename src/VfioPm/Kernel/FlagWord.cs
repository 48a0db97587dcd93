using System.Collections.Immutable;

namespace VfioPm;

/// <summary>
/// Flags of something that more than one thread changes. Some kernels keep them as bits of one word: then setting a flag is reading
/// the word and writing it back, and what another thread wrote there meanwhile is undone
/// (<c>Documentation/memory-barriers.txt</c>, on bitfields). Others give each a place of its own.
/// </summary>
internal sealed class FlagWord : INumbered
{
    private readonly Kernel _kernel;
    private readonly string _owner;
    private readonly ImmutableArray<string> _names;
    private readonly bool _isPacked;
    private uint _word;

    /// <param name="kernel">The kernel whose threads change it.</param>
    /// <param name="owner">Of what it is: "0000:01:00.0".</param>
    /// <param name="index">The number of that.</param>
    /// <param name="names">What the kernel calls the flags.</param>
    /// <param name="isPacked">Whether they are bits of one word.</param>
    public FlagWord(Kernel kernel, string owner, int index, ImmutableArray<string> names, bool isPacked)
    {
        _kernel = kernel;
        _owner = owner;
        Index = index;
        _names = names;
        _isPacked = isPacked;
    }

    private FlagWord(FlagWord original, ForkContext fork)
    {
        fork.Register(original, this);
        _kernel = fork.Of(original._kernel);
        _owner = original._owner;
        Index = original.Index;
        _names = original._names;
        _isPacked = original._isPacked;
        _word = original._word;
    }

    public int Index { get; }

    public bool this[int flag] => (_word & Bit(flag)) != 0;

    /// <summary>Sets a flag or clears it.</summary>
    public async KernelCall Set(int flag, bool value)
    {
        uint read = _word;
        if (_isPacked)
        {
            await _kernel.Preempt(PreemptionPoint.Store);
            NoteLost((read ^ _word) & ~Bit(flag));
        }

        _word = value ? read | Bit(flag) : read & ~Bit(flag);
    }

    public IForkable Fork(ForkContext fork) => new FlagWord(this, fork);

    public void AddTo(ref StateHash hash) => hash.Add((int)_word);

    private static uint Bit(int flag) => 1u << flag;

    private void NoteLost(uint lost)
    {
        for (int flag = 0; flag < _names.Length; flag++)
        {
            if ((lost & Bit(flag)) != 0)
            {
                _kernel.LostUpdates = _kernel.LostUpdates.Add($"{_names[flag]} of {_owner}");
            }
        }
    }
}
