namespace VfioPm;

/// <summary>
/// A device's MSI-X table and pending bits, as far as the recordings touch them: memory, but that every vector is masked after a
/// reset (PCI Local Bus 3.0, section 6.8.2.9).
/// </summary>
internal sealed class MsiXRegisters
{
    private const int EntrySize = 16;
    private const int VectorControl = 12;
    private const uint Masked = 1;

    private readonly RamRegisters _memory;
    private readonly int _bar;
    private readonly long _table;
    private readonly int _vectors;

    /// <param name="bar">Where the table is.</param>
    /// <param name="table">Where in the BAR.</param>
    /// <param name="vectors">How many entries it has.</param>
    public MsiXRegisters(int bar, long table, int vectors)
    {
        _memory = new RamRegisters();
        _bar = bar;
        _table = table;
        _vectors = vectors;
        MaskAll();
    }

    public MsiXRegisters(MsiXRegisters original, ForkContext fork)
    {
        _memory = fork.Of(original._memory);
        _bar = original._bar;
        _table = original._table;
        _vectors = original._vectors;
    }

    public ulong Read(int bar, long offset, int width) => _memory.Read(bar, offset, width);

    public void Write(int bar, long offset, int width, ulong value) => _memory.Write(bar, offset, width, value);

    public void Reset(ResetKind kind)
    {
        _memory.Reset(kind);
        MaskAll();
    }

    public void AddTo(ref StateHash hash) => _memory.AddTo(ref hash);

    private void MaskAll()
    {
        for (int vector = 0; vector < _vectors; vector++)
        {
            _memory.Write(_bar, _table + (vector * EntrySize) + VectorControl, 4, Masked);
        }
    }
}
