namespace VfioPm;

/// <summary>A register of which software keeps a copy while the function may lose it, and which it writes back after that.</summary>
/// <param name="Offset">Where it is in configuration space.</param>
/// <param name="Width">Its bytes: 2 or 4.</param>
/// <param name="Kept">Bits that are left as the hardware has them.</param>
internal readonly record struct SavedRegister(int Offset, int Width, uint Kept = 0)
{
    /// <summary>Whether there is any bit to save.</summary>
    public bool IsSaved => Kept != uint.MaxValue;

    /// <summary>What is written where it holds something now, which is asked only of those that keep bits.</summary>
    public uint Restored(uint before, uint saved) => (before & Kept) | (saved & ~Kept);
}
