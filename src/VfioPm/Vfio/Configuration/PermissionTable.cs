namespace VfioPm;

/// <summary>
/// Which bits of a capability the user may write, and which live in the virtual copy instead of the hardware
/// (<c>struct perm_bits</c>). Bits without a row are readable from the hardware and not writable.
/// </summary>
internal sealed class PermissionTable : IUnchanging
{
    private readonly PermissionRow[] _rows;
    private readonly ConfigurationBytes _virtualBits;
    private readonly ConfigurationBytes _writableBits;

    public PermissionTable(params PermissionRow[] rows)
    {
        _rows = rows;
        int length = rows.Max(row => row.Offset + row.Width);
        _virtualBits = new ConfigurationBytes(length);
        _writableBits = new ConfigurationBytes(length);
        foreach (PermissionRow row in rows)
        {
            _virtualBits[row.Offset, row.Width] = row.Virtual;
            _writableBits[row.Offset, row.Width] = row.Writable;
        }
    }

    public IReadOnlyList<PermissionRow> Rows => _rows;

    public uint VirtualBits(ConfigurationChunk chunk) => _virtualBits[chunk.Offset, chunk.Width];

    public uint WritableBits(ConfigurationChunk chunk) => _writableBits[chunk.Offset, chunk.Width];
}

/// <summary>A register of a <see cref="PermissionTable"/>.</summary>
/// <param name="Name">Its name in the specification.</param>
/// <param name="Offset">Where in the capability.</param>
/// <param name="Width">1, 2 or 4 bytes.</param>
/// <param name="Virtual">The bits that are read from, and written to, the virtual copy.</param>
/// <param name="Writable">The bits that the user may write.</param>
/// <param name="StartsAtZero">Whether the virtual bits start at zero rather than at the hardware's value.</param>
internal readonly record struct PermissionRow(
    string Name, int Offset, int Width, uint Virtual, uint Writable, bool StartsAtZero = false);
