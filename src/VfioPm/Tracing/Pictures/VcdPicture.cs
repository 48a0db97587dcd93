using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>
/// A picture as a four-state Value Change Dump (IEEE 1364-2005, clause 18.2): a device is a module, a lane a variable, what
/// somebody did an event with its text in a comment. A state is its number, a state that the kernel does not know is x,
/// and what a guest reads while there is none is z. One time unit is 100 ns, so that no time is rounded.
/// </summary>
internal sealed class VcdPicture
{
    private const int StateBits = 3;
    private const int CountBits = 32;

    // Identifier codes are made of the printable characters (18.2.1).
    private const char FirstCode = '!';
    private const int Codes = '~' - FirstCode + 1;

    private readonly StringBuilder _text = new();
    private readonly SortedDictionary<long, List<string>> _changes = [];
    private readonly List<string> _initial = [];
    private readonly HashSet<string> _modules = [];
    private int _variables;

    private VcdPicture()
    {
    }

    public static string Write(Picture picture) => new VcdPicture().WriteAll(picture);

    private string WriteAll(Picture picture)
    {
        Line($"$version VfioPm: {Word(picture.Title, ' ')} $end");
        Line("$comment power states: 0 D0, 1 D1, 2 D2, 3 D3hot, 4 D3cold, x unknown, z nobody reads $end");
        Line("$comment runtime status: 0 active, 1 resuming, 2 suspended, 3 suspending $end");
        Line("$timescale 100 ns $end");
        Line("$scope module host $end");
        foreach (DeviceLanes device in picture.Devices)
        {
            Declare(device, picture.Begin);
        }

        Line("$upscope $end");
        Line("$enddefinitions $end");
        Line($"#{picture.Begin.Ticks}");
        Line("$dumpvars");
        _initial.ForEach(Line);
        Line("$end");
        WriteChanges(picture);
        return _text.ToString();
    }

    private void Declare(DeviceLanes device, TimeSpan begin)
    {
        Line($"$comment {Word(device.Title, ' ')} $end");
        Line($"$scope module {ModuleOf(device.Name)} $end");
        foreach (Lane lane in device.Lanes)
        {
            string code = NextCode();
            bool isCount = lane.Kind == TraceKind.UsageCount;
            Line(isCount
                ? $"$var integer {CountBits} {code} {NameOf(lane)} $end"
                : $"$var reg {StateBits} {code} {NameOf(lane)} [{StateBits - 1}:0] $end");
            foreach (LaneInterval interval in lane.Intervals)
            {
                (interval.Begin == begin ? _initial : ChangesAt(interval.Begin)).Add($"b{Bits(lane, interval.Value)} {code}");
            }
        }

        string operation = NextCode();
        Line($"$var event 1 {operation} operation $end");
        foreach (IGrouping<TimeSpan, Mark> moment in device.Marks.GroupBy(mark => mark.Time))
        {
            List<string> changes = ChangesAt(moment.Key);
            changes.Add($"1{operation}");
            changes.AddRange(moment.Select(mark => $"$comment {Word(device.Title, ' ')}: {Word(mark.What, ' ')} $end"));
        }

        Line("$upscope $end");
    }

    private void WriteChanges(Picture picture)
    {
        ChangesAt(picture.End);
        foreach ((long time, List<string> changes) in _changes)
        {
            if (time > picture.Begin.Ticks)
            {
                Line($"#{time}");
            }

            changes.ForEach(Line);
        }
    }

    private List<string> ChangesAt(TimeSpan time)
    {
        if (!_changes.TryGetValue(time.Ticks, out List<string>? changes))
        {
            changes = [];
            _changes.Add(time.Ticks, changes);
        }

        return changes;
    }

    private string NextCode()
    {
        string code = "";
        for (int rest = _variables++; rest >= 0; rest = (rest / Codes) - 1)
        {
            code += (char)(FirstCode + (rest % Codes));
        }

        return code;
    }

    private static string NameOf(Lane lane) => lane.Kind switch
    {
        TraceKind.GuestState => "guest_state",
        TraceKind.PowerState => "kernel_state",
        TraceKind.HardwareState => "hardware_state",
        TraceKind.RuntimeStatus => "runtime_status",
        _ => "usage_count",
    };

    private static string Bits(Lane lane, int value) => lane switch
    {
        { Kind: TraceKind.GuestState } when value == (int)PowerState.Unknown => "z",
        { IsPowerState: true } when value == (int)PowerState.Unknown => "x",
        _ => value.ToString("b", CultureInfo.InvariantCulture),
    };

    /// <summary>A simple identifier of Verilog (clause 3.7) that no other device has.</summary>
    private string ModuleOf(string device)
    {
        string name = "dev_" + string.Concat(device.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
        string unique = name;
        for (int number = 2; !_modules.Add(unique); number++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
        }

        return unique;
    }

    /// <summary>Text of a comment: nothing that would end it, and nothing but printable ASCII.</summary>
    private static string Word(string text, char replacement) =>
        string.Concat(text.Select(letter => letter is > ' ' and <= '~' and not '$' ? letter : replacement));

    private void Line(string line) => _text.Append(line).Append('\n');
}
