using System.Globalization;

namespace VfioPm;

/// <summary>A dump that is not what <c>lspci</c> writes, and where.</summary>
public sealed class DumpFormatException : FormatException
{
    /// <summary>Says what is wrong at a place.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="problem">What is wrong there.</param>
    public DumpFormatException(int line, int column, string problem)
        : base(string.Create(CultureInfo.InvariantCulture, $"Line {line}, column {column}: {problem}"))
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The column, from 1.</summary>
    public int Column { get; }
}
