using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace VfioPm;

/// <summary>What reading a sysfs attribute gave: its text, or an error.</summary>
/// <param name="Text">The text without the line's end, or null on an error.</param>
/// <param name="Error">The error, or null.</param>
[SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternate.")]
public readonly record struct SysfsResult(string? Text, Errno? Error)
{
    /// <summary>The call that returned it, for who wants an explanation; no part of what it is.</summary>
    internal ReturnedCall? Call { get; init; }

    /// <summary>Whether the attribute could not be read.</summary>
    public bool IsError => Error is not null;

    /// <summary>Nothing was there to be read, not even a line's end.</summary>
    public static SysfsResult Nothing { get; } = new("", null) { Length = 0 };

    /// <summary>Bytes of a binary file, each as a letter (Latin-1).</summary>
    internal static SysfsResult OfBytes(ReadOnlySpan<byte> bytes) => new(Encoding.Latin1.GetString(bytes), null) { Length = bytes.Length };

    /// <summary>How many bytes were read: the text and its line's end; 0 on an error.</summary>
    public int Length { get; private init; } = Text is null ? 0 : Text.Length + 1;

    /// <summary>The attribute was read.</summary>
    public static implicit operator SysfsResult(string text) => new(text, null);

    /// <summary>The attribute could not be read.</summary>
    public static implicit operator SysfsResult(Errno error) => new(null, error);

    /// <summary>Whether both are the same text or error, whoever returned it.</summary>
    public bool Equals(SysfsResult other) => Text == other.Text && Error == other.Error;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Error);

    /// <summary>The text, or "-EIO".</summary>
    public override string ToString() => Text ?? $"-{Error}";
}
