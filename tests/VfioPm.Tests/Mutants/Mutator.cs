using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>
/// Sound input, changed in one to four places: bytes, numbers, words and lines become others, are gone, or come twice. Mutants
/// are numbered; a number gives the same one everywhere.
/// </summary>
internal sealed partial class Mutator
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "255", "256", "4095", "4096", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616", "1e9", "1e400", "-0.5", "NaN",
        "0x", "0xffffffffffffffff", "0x8000000000000000", "٣",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[null]", "{\"a\":1,\"a\":2}", "[[[[[[[[]]]]]]]]", "\"0000:00:00.0\"",
        "\"ffff:ff:1f.7\"", "\"ep\"", "\"../../x\"", "\"%n%s\"",
    ];

    private readonly Random _random;

    /// <param name="seed">The seed of its kind.</param>
    /// <param name="number">Which.</param>
    public Mutator(int seed, int number) => _random = new Random(HashOf(seed, number));

    /// <summary>One of several.</summary>
    public T Pick<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    /// <summary>A text that was changed.</summary>
    public string Mutate(string text)
    {
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            text = MutateOnce(text);
        }

        return text;
    }

    /// <summary>Bytes that were changed.</summary>
    public byte[] Mutate(byte[] bytes)
    {
        List<byte> changed = [.. bytes];
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            MutateOnce(changed);
        }

        return [.. changed];
    }

    [GeneratedRegex("""-?\d+(\.\d+)?""")]
    private static partial Regex Number();

    [GeneratedRegex(""""("[^"\n]*"|\b(true|false|null)\b|\[[^][\n]*\]|\{[^{}\n]*\})(?!\s*:)"""")]
    private static partial Regex Value();

    [GeneratedRegex(@"\S+")]
    private static partial Regex Word();

    /// <summary>The same on every machine, which <see cref="HashCode"/> is not.</summary>
    private static int HashOf(int seed, int number) => unchecked((seed * 1_000_003) + (number * 7919));

    private static string Replace(string text, Capture place, string by) =>
        string.Concat(text.AsSpan(0, place.Index), by, text.AsSpan(place.Index + place.Length));

    private string MutateOnce(string text) => _random.Next(10) switch
    {
        0 or 1 or 2 => Replace(text, Number(), () => Pick(Numbers)),
        3 or 4 => Replace(text, Value(), () => _random.Next(2) == 0 ? Pick(Values) : Pick(Numbers)),
        5 => Replace(text, Word(), () => OtherWord(text)),
        6 => MutateLines(text),
        7 => Encoding.UTF8.GetString(MutateBytes(Encoding.UTF8.GetBytes(text))),
        8 => Replace(text, Word(), () => new string(Pick("a0\"[{ \t\u202e\ud800".ToCharArray()), 1 << _random.Next(14))),
        _ => Replace(text, Number(), () => (_random.NextInt64() >> _random.Next(64)).ToString(CultureInfo.InvariantCulture)),
    };

    private string Replace(string text, Regex what, Func<string> by)
    {
        // From somewhere on, so that a large text need not be searched for all that there is.
        Match found = what.Match(text, _random.Next(text.Length + 1));
        return found.Success ? Replace(text, found, by()) : text;
    }

    private string OtherWord(string text) => Word().Match(text, _random.Next(text.Length + 1)).Value;

    private string MutateLines(string text)
    {
        List<string> lines = [.. text.Split('\n')];
        int at = _random.Next(lines.Count);
        switch (_random.Next(4))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(_random.Next(lines.Count), lines[at]);
                break;
            case 2:
                lines.RemoveRange(at, lines.Count - at);
                break;
            default:
                lines.Insert(at, "");
                break;
        }

        return string.Join('\n', lines);
    }

    private byte[] MutateBytes(byte[] bytes)
    {
        List<byte> changed = [.. bytes];
        MutateOnce(changed);
        return [.. changed];
    }

    private void MutateOnce(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count + 1);
        int length = Math.Min(1 << _random.Next(6), bytes.Count - at);
        switch (_random.Next(5))
        {
            case 0:
                bytes.RemoveRange(at, length);
                break;
            case 1:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 2:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            default:
                for (int i = at; i < at + length; i++)
                {
                    bytes[i] = _random.Next(3) == 0 ? (byte)0xff : (byte)_random.Next(256);
                }

                break;
        }
    }
}
