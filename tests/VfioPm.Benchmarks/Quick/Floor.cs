using System.Runtime.CompilerServices;

namespace VfioPm.Benchmarks;

/// <summary>
/// What a machine takes for the bare memory traffic of one suspend and resume of a function and its port: of each, sixteen
/// dwords and twelve words saved and put back, two writes of PMCSR, a few counters. Nothing of the library runs, so that
/// figures of two machines, or of one machine at two times, compare as multiples of it.
/// </summary>
internal sealed class Floor
{
    private readonly Function[] _functions = [new Function(), new Function()];

    /// <summary>In ns.</summary>
    public double Measure() => ProcessorTime.PerOperation(SuspendAndResume);

    private void SuspendAndResume()
    {
        foreach (Function function in _functions)
        {
            function.Save();
            function.Restore();
        }
    }

    private sealed class Function
    {
        private readonly uint[] _header = new uint[16];
        private readonly uint[] _headerCopy = new uint[16];
        private readonly ushort[] _words = new ushort[12];
        private readonly ushort[] _wordsCopy = new ushort[12];
        private ushort _pmcsr;
        private int _usage;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Save()
        {
            _usage--;
            _header.CopyTo(_headerCopy, 0);
            _words.CopyTo(_wordsCopy, 0);
            _pmcsr |= 3;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Restore()
        {
            _pmcsr &= 0xfffc;
            for (int i = 0; i < _header.Length; i++)
            {
                if (_header[i] != _headerCopy[i])
                {
                    _header[i] = _headerCopy[i];
                }
            }

            _wordsCopy.CopyTo(_words, 0);
            _usage++;
        }
    }
}
