using System.Text;

namespace VfioPm;

/// <summary>Reads text of which nobody knows how long it is.</summary>
/// <param name="text">The text.</param>
/// <param name="most">How many characters it may have.</param>
internal sealed class BoundedReader(TextReader text, long most)
{
    private readonly char[] _buffer = new char[4096];
    private readonly StringBuilder _line = new();
    private int _next;
    private int _filled;
    private long _read;

    /// <summary>All of it.</summary>
    /// <exception cref="InvalidDataException">It is longer than it may be.</exception>
    public string ReadToEnd()
    {
        StringBuilder all = new();
        while (Fill())
        {
            all.Append(_buffer, 0, _filled);
            _next = _filled;
        }

        return all.ToString();
    }

    /// <summary>The next line without its end, or null behind the last.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="InputLimits.Line"/>, or all is than it may be.</exception>
    public string? ReadLine()
    {
        if (!Fill())
        {
            return null;
        }

        _line.Clear();
        do
        {
            int length = _buffer.AsSpan(_next, _filled - _next).IndexOf('\n');
            bool isEnd = length >= 0;
            length = isEnd ? length : _filled - _next;
            if (_line.Length + length > InputLimits.Line)
            {
                throw TooLong("the line", InputLimits.Line);
            }

            _line.Append(_buffer, _next, length);
            _next += isEnd ? length + 1 : length;
            if (isEnd)
            {
                break;
            }
        }
        while (Fill());
        return _line.ToString().TrimEnd('\r');
    }

    /// <summary>The refusal of what is longer than it may be.</summary>
    public static InvalidDataException TooLong(string what, long most) =>
        new(FormattableString.Invariant($"{what} is longer than {most:N0} characters"));

    /// <summary>Whether there is something in the buffer that was not taken.</summary>
    private bool Fill()
    {
        if (_next == _filled)
        {
            _next = 0;
            _filled = text.Read(_buffer);
            _read += _filled;
            if (_read > most)
            {
                throw TooLong("it", most);
            }
        }

        return _next < _filled;
    }
}
