namespace VfioPm;

/// <summary>A register that the kernel saves before a function may lose it, and writes back after that.</summary>
/// <param name="Offset">Where it is in configuration space.</param>
/// <param name="Width">Its bytes: 2 or 4.</param>
/// <param name="Kept">Bits that are left as the hardware has them.</param>
/// <param name="SkipsEqual">It is not written where it holds the right value: some registers do not like it.</param>
internal readonly record struct SavedRegister(int Offset, int Width, uint Kept = 0, bool SkipsEqual = false)
{
    /// <summary>Whether what the hardware holds decides what is written.</summary>
    public bool DependsOnHardware => Kept != 0 || SkipsEqual;

    /// <summary>Whether it is written where it holds something now.</summary>
    /// <param name="before">What it holds, where <see cref="DependsOnHardware"/> says that it matters.</param>
    /// <param name="saved">What it held when it was saved.</param>
    /// <param name="value">What is written.</param>
    public bool NeedsWrite(uint before, uint saved, out uint value)
    {
        value = (before & Kept) | (saved & ~Kept);
        return !SkipsEqual || value != before;
    }
}
