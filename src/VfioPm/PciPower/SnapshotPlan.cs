namespace VfioPm;

/// <summary>Of what a <see cref="ConfigurationSnapshot"/> is: registers of capabilities, and the header or nothing of it.</summary>
/// <param name="Registers">Those of capabilities, in the order of restoring.</param>
/// <param name="BeforeHeader">How many of them are restored before the header is.</param>
/// <param name="HeaderDwords">How long the header is.</param>
/// <param name="Checked">Which dwords of it are read back when they were restored.</param>
internal sealed record SnapshotPlan(SavedRegister[] Registers, int BeforeHeader, int HeaderDwords, Range Checked);
