using System.Globalization;

namespace VfioPm;

/// <summary>The words of one line, taken one by one; whoever finds another than expected says so, with the place.</summary>
internal sealed class Words
{
    private readonly string _path;
    private readonly int _line;
    private readonly int _end;
    private readonly Queue<Word> _words;

    public Words(string path, int line, string text)
    {
        _path = path;
        _line = line;
        _end = text.TrimEnd().Length + 1;
        _words = new Queue<Word>(Split(text));
    }

    private Words(string path, int line, int end, IEnumerable<Word> words)
    {
        _path = path;
        _line = line;
        _end = end;
        _words = new Queue<Word>(words);
    }

    public bool IsAtEnd => _words.Count == 0;

    /// <summary>The next word, which stays; null at the end.</summary>
    public Word? Next => _words.TryPeek(out Word? next) ? next : null;

    /// <exception cref="ScenarioException">There is none.</exception>
    public Word Take(string expected) => _words.TryDequeue(out Word? word) ? word : throw Expected(expected, found: null);

    /// <summary>The words up to the end of the line.</summary>
    public IReadOnlyList<string> TakeAll()
    {
        string[] rest = [.. _words.Select(static word => word.Text)];
        _words.Clear();
        return rest;
    }

    /// <summary>Takes the next word if it is this one.</summary>
    public bool TryTake(string text)
    {
        bool isSo = Next?.Text == text;
        if (isSo)
        {
            _words.Dequeue();
        }

        return isSo;
    }

    /// <exception cref="ScenarioException">There is none.</exception>
    public void End()
    {
        if (Next is { } more)
        {
            throw Expected("the end of the line", more);
        }
    }

    /// <summary>Takes the next word, which has to be this one.</summary>
    /// <exception cref="ScenarioException">It is another.</exception>
    public void Expect(string text)
    {
        if (!TryTake(text))
        {
            throw Expected($"\"{text}\"", Next);
        }
    }

    /// <summary>The words before the next of these, as a line of their own.</summary>
    public Words TakeUntil(params string[] ends)
    {
        List<Word> taken = [];
        while (Next is { } word && !ends.Contains(word.Text))
        {
            taken.Add(_words.Dequeue());
        }

        return new Words(_path, _line, Next?.Column ?? _end, taken);
    }

    /// <summary>The error of a word that is not what it should be, or of none.</summary>
    public ScenarioException Expected(string what, Word? found) => new(
        _path, _line, found?.Column ?? _end, $"expected {what}, found {(found is null ? "the end of the line" : $"\"{found.Text}\"")}");

    /// <summary>A whole number, decimal or behind 0x.</summary>
    /// <exception cref="ScenarioException">It is none, or out of range.</exception>
    public long Number(Word word, string what, long most = uint.MaxValue) =>
        TryParse(word.Text, out long number) && number <= most
            ? number
            : throw Expected($"{what}, a number up to {most}", word);

    /// <summary>Bytes, two hexadecimal digits each, in order of address.</summary>
    /// <exception cref="ScenarioException">It is something else.</exception>
    public byte[] Bytes(Word word, int most)
    {
        try
        {
            if (word.Text.Length <= 2 * most)
            {
                return Convert.FromHexString(word.Text);
            }
        }
        catch (FormatException)
        {
            // Said below, as of too many.
        }

        throw Expected($"up to {most} bytes, two hexadecimal digits each", word);
    }

    /// <summary>One of a few words.</summary>
    /// <exception cref="ScenarioException">It is another.</exception>
    public string OneOf(Word word, IEnumerable<string> known) => known.Contains(word.Text)
        ? word.Text
        : throw Expected($"one of {string.Join(", ", known)}", word);

    internal static bool TryParse(string text, out long number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number >= 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static IEnumerable<Word> Split(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int begin = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            if (i > begin)
            {
                yield return new Word(text[begin..i], begin + 1);
            }
        }
    }
}
