using System.Diagnostics.CodeAnalysis;

namespace VfioPm;

/// <summary>What reading a sysfs attribute gave: its text, or an error.</summary>
/// <param name="Text">The text without the line's end, or null on an error.</param>
/// <param name="Error">The error, or null.</param>
[SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternate.")]
public readonly record struct SysfsResult(string? Text, Errno? Error)
{
    /// <summary>The attribute was read.</summary>
    public static implicit operator SysfsResult(string text) => new(text, null);

    /// <summary>The attribute could not be read.</summary>
    public static implicit operator SysfsResult(Errno error) => new(null, error);

    /// <summary>The text, or "-EIO".</summary>
    public override string ToString() => Text ?? $"-{Error}";
}
