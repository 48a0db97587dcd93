using System.Globalization;

namespace VfioPm.Tests;

/// <summary>Reads a four-state Value Change Dump as IEEE 1364-2005, clause 18.2, defines it: token by token.</summary>
internal sealed class VcdReader
{
    private readonly Queue<string> _tokens;
    private readonly Stack<string> _scopes = [];
    private readonly Dictionary<string, string> _names = [];

    public VcdReader(string text)
    {
        _tokens = new Queue<string>(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        long time = -1;
        while (_tokens.TryDequeue(out string? token))
        {
            switch (token[0])
            {
                case '$':
                    ReadCommand(token);
                    break;
                case '#':
                    time = long.Parse(token[1..], CultureInfo.InvariantCulture);
                    Times.Add(time);
                    break;
                case 'b':
                    Changes.Add((time, NameOf(_tokens.Dequeue()), token[1..]));
                    break;
                default:
                    Changes.Add((time, NameOf(token[1..]), token[..1]));
                    break;
            }
        }
    }

    /// <summary>The times, in the order of the file.</summary>
    public List<long> Times { get; } = [];

    /// <summary>When which variable got which value.</summary>
    public List<(long Time, string Variable, string Value)> Changes { get; } = [];

    /// <summary>The variables, with their modules: "host.dev_0000_01_00_0.kernel_state", and their types.</summary>
    public Dictionary<string, string> Types { get; } = [];

    public string TimeScale { get; private set; } = "";

    private void ReadCommand(string keyword)
    {
        // What is dumped with a keyword are changes like others.
        if (keyword is "$dumpvars" or "$end")
        {
            return;
        }

        string[] words = [.. TakeToEnd()];
        switch (keyword)
        {
            case "$scope":
                words[0].Should().Be("module");
                _scopes.Push(words[1]);
                break;
            case "$upscope":
                _scopes.Pop();
                break;
            case "$var":
                string name = string.Join('.', _scopes.Reverse().Append(words[3]));
                _names.Add(words[2], name);
                Types.Add(name, words[0]);
                break;
            case "$timescale":
                TimeScale = string.Concat(words);
                break;
            default:
                keyword.Should().BeOneOf("$version", "$comment", "$enddefinitions");
                break;
        }
    }

    private IEnumerable<string> TakeToEnd()
    {
        while (_tokens.Dequeue() is var word && word != "$end")
        {
            yield return word;
        }
    }

    private string NameOf(string code)
    {
        _names.Should().ContainKey(code, "a value belongs to a variable");
        return _names[code];
    }
}
