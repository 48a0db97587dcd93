namespace VfioPm;

/// <summary>What the kernel of the machine where a function was found says of one of its BARs.</summary>
/// <param name="Bar">The BAR.</param>
/// <param name="IsIo">Whether it is of I/O ports.</param>
/// <param name="Size">Bytes: a power of two, or 0 for "there is none".</param>
internal readonly record struct BarClaim(int Bar, bool IsIo, ulong Size)
{
    /// <summary>The sizes claimed, where the registers agree that there can be such a BAR.</summary>
    public static BarSizes SizesOf(IEnumerable<BarClaim> claims, ReadOnlySpan<byte> bytes)
    {
        BarSizes sizes = BarSizes.Unknown;
        foreach (BarClaim claim in claims)
        {
            // The kernel lists the ports that an IDE controller always has under BARs that do not exist.
            bool agrees = BarRegister.Read(bytes, claim.Bar) is { } register
                && claim.IsIo == (register.Kind == BarKind.Io)
                && claim.Size >= register.MinimumSize
                && (register.Address & (claim.Size - 1)) == 0;
            if (claim.Size == 0 || agrees)
            {
                sizes = sizes.With(claim.Bar, claim.Size);
            }
        }

        return sizes;
    }
}
