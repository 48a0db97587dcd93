using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// One thread of a <c>par</c>. A recording says when each of its calls was begun; elsewhere each begins when the one before has
/// returned.
/// </summary>
internal sealed class ParallelThread
{
    // The recorder writes down what was read as hexadecimal digits, one after the other: a page takes it 13 ms.
    private static readonly TimeSpan WritingOfByte = TimeSpan.FromMicroseconds(3.2);

    private readonly VfioMachine _machine;
    private readonly TimeSpan _origin;
    private readonly Queue<JsonObject> _calls;
    private JsonObject? _asked;
    private BegunCall? _begun;
    private TimeSpan _began;

    /// <param name="machine">Where.</param>
    /// <param name="calls">What it does, one after the other.</param>
    public ParallelThread(VfioMachine machine, JsonArray calls)
    {
        _machine = machine;
        _origin = Now;
        _calls = new Queue<JsonObject>(calls.Select(static call =>
            call as JsonObject ?? throw new RecordingException("a call of \"par\" is not an object")));
        WaitForNext(ended: TimeSpan.Zero);
    }

    /// <summary>What it did, with the answers.</summary>
    public JsonArray Played { get; } = [];

    /// <summary>Until when it does nothing, or null.</summary>
    public TimeSpan? SleepsUntil { get; private set; }

    /// <summary>Whether it is doing something of its own until its next call.</summary>
    public bool IsBetweenCalls => _asked is null;

    public bool IsDone => _asked is null && _calls.Count == 0 && SleepsUntil is null;

    private TimeSpan Now => _machine.Host.Clock.Now;

    /// <summary>Its call returns to it, if that is over.</summary>
    public void Return()
    {
        if (_begun is { Call.IsCompleted: true })
        {
            End(_begun.Answer(_begun.Call.Result!.Value));
        }
    }

    /// <summary>It makes its next call, or its sleep is over.</summary>
    public void GoOn()
    {
        if (_asked is not null)
        {
            WakeOthers();
            End(new JsonObject { ["ret"] = 0 });
        }
        else if (_calls.TryDequeue(out JsonObject? next))
        {
            Begin(next);
        }
        else
        {
            SleepsUntil = null;
        }
    }

    /// <summary>
    /// Between two calls the thread does as long nothing as it did when it was recorded, however long the model took for the first.
    /// </summary>
    /// <param name="ended">When the one before had ended, in the recording's time.</param>
    /// <param name="read">How many bytes it read.</param>
    private void WaitForNext(TimeSpan ended, int read = 0)
    {
        (_asked, _begun) = (null, null);
        SleepsUntil = !_calls.TryPeek(out JsonObject? next) ? (read == 0 ? null : Now + (read * WritingOfByte))
            : next["at"] is null ? Now
            : Now + (Milliseconds(next, "at") - ended);
    }

    /// <summary>When a call had ended, in the recording's time.</summary>
    private static TimeSpan EndOf(JsonObject recorded)
    {
        string? duration = IsSleep(recorded) ? "ms" : recorded[VfioOperation.Took] is null ? null : VfioOperation.Took;
        return recorded["at"] is null ? default
            : Milliseconds(recorded, "at") + (duration is null ? default : Milliseconds(recorded, duration));
    }

    private static bool IsSleep(JsonObject asked) => asked.Required<string>("op") == "sleep";

    private static TimeSpan Milliseconds(JsonObject recorded, string field) =>
        TimeSpan.FromMilliseconds(recorded.Required<double>(field));

    private void Begin(JsonObject asked)
    {
        (_asked, _began, SleepsUntil) = (asked, Now, null);
        VfioOperation operation = VfioOperations.Of(asked);
        if (IsSleep(asked))
        {
            SleepsUntil = Now + TimeSpan.FromMilliseconds(asked.Required<long>("ms"));
        }
        else if (operation.Obstacle(_machine, asked) is not null)
        {
            // Who cannot try it leaves it out.
            WaitForNext(EndOf(asked));
        }
        else if ((_begun = operation.Begin(_machine, asked)) is null)
        {
            End(operation.Perform(_machine, asked));
        }
    }

    /// <summary>A timer interrupts the one processor, and with it all that may be over is.</summary>
    private void WakeOthers()
    {
        VirtualClock clock = _machine.Host.Clock;
        foreach (PendingEvent sleep in clock.Pending.Where(sleep => sleep.Earliest <= Now && sleep.Due > Now).ToList())
        {
            clock.FireAt(sleep, Now);
        }
    }

    private void End(JsonObject answers)
    {
        VfioOperation operation = VfioOperations.Of(_asked!);
        JsonObject played = new() { ["at"] = VfioOperation.Milliseconds(_began - _origin) };
        if (operation.IsCall)
        {
            played[VfioOperation.Took] = VfioOperation.Milliseconds(Now - _began);
        }

        operation.Afterwards(_machine, _asked!);
        Played.Add(operation.Fill(played, _asked!, answers));
        bool isTimed = _asked!["at"] is not null;
        WaitForNext(EndOf(_asked!), isTimed && answers["data"] is { } data ? ((string)data!).Length / 2 : 0);
    }
}
