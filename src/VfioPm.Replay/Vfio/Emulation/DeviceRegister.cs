namespace VfioPm;

/// <summary>A register of 32 bits of an emulated device: a row of a table. What no row names reads as zero.</summary>
/// <param name="Offset">Where it is in its BAR.</param>
/// <param name="Initial">What it holds after a reset.</param>
/// <param name="Writable">The bits that keep what is written.</param>
internal readonly record struct DeviceRegister(long Offset, uint Initial, uint Writable = 0);
