using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// Writes down what several do on a host while they do it, as a recording that can be replayed. What overlaps becomes one event of
/// several threads (<c>par</c>). An event is written when nothing is under way any more.
/// </summary>
internal sealed class LiveRecording
{
    private readonly VfioMachine _machine;
    private readonly TextWriter _text;
    private readonly List<LiveThread> _threads = [];
    private readonly List<LiveCall> _underWay = [];
    private int _events;
    private TimeSpan _began;
    private long _traced;

    /// <summary>Begins a recording, with a header that describes the host as it is.</summary>
    /// <param name="host">The host.</param>
    /// <param name="functions">The addresses of its functions by what they are called; each after the one above it.</param>
    /// <param name="head">What the recording is called.</param>
    /// <param name="text">Where to.</param>
    public LiveRecording(SimulatedHost host, IReadOnlyDictionary<string, string> functions, ScenarioHead head, TextWriter text)
    {
        _machine = new VfioMachine(host, functions);
        _text = text;
        Write(MachineHeader.Of(_machine, head));
    }

    /// <summary>Whether a call has returned that is under way as far as the recording knows.</summary>
    public bool HasNews => _underWay.Exists(static call => call.HasReturned);

    private TimeSpan Now => _machine.Host.Clock.Now;

    /// <summary>Somebody who does one thing after the other.</summary>
    public LiveThread AddThread()
    {
        LiveThread thread = new();
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Whether somebody's call is under way.</summary>
    public bool IsWaiting(LiveThread thread) => _underWay.Exists(call => call.Thread == thread);

    /// <summary>Somebody begins a call.</summary>
    /// <param name="thread">Who.</param>
    /// <param name="asked">What is asked for, as the format writes it: <c>op</c>, <c>bdf</c>, its arguments.</param>
    /// <param name="begin">Begins it.</param>
    public PendingCall Begin(LiveThread thread, JsonObject asked, Func<BegunCall> begin)
    {
        Open();
        LiveCall call = new(thread, asked, Now, begin());
        _underWay.Add(call);
        Look();
        return call.Begun.Call;
    }

    /// <summary>Somebody does something at once, and the time that it takes passes meanwhile.</summary>
    /// <param name="thread">Who.</param>
    /// <param name="act">Does it, and says what was asked and answered; null where nothing was done.</param>
    public void Do(LiveThread thread, Func<JsonObject?> act)
    {
        Open();
        TimeSpan began = Now;
        if (act() is { } happened)
        {
            thread.Add(began, happened);
        }

        End(static _ => null);
    }

    /// <summary>Writes down what has returned now.</summary>
    public void Look() => End(call => Now - call.Began);

    private void Open()
    {
        if (_underWay.Count == 0)
        {
            _began = Now;
            _traced = _machine.Host.Trace.Recorded;
        }
    }

    private void End(Func<LiveCall, TimeSpan?> took)
    {
        foreach (LiveCall call in _underWay.Where(static call => call.HasReturned).ToList())
        {
            _underWay.Remove(call);
            call.Thread.Add(call.Began, call.Describe(took(call)));
        }

        if (_underWay.Count == 0)
        {
            WriteEvent();
        }
    }

    private void WriteEvent()
    {
        LiveThread[] busy = [.. _threads.Where(static thread => thread.Calls.Count > 0)];
        if (busy.Length == 0)
        {
            return;
        }

        JsonObject happened = new() { ["i"] = _events++, ["t0"] = (long)_began.TotalMilliseconds, ["t1"] = 0 };
        if (busy is [{ Calls: [var only] }])
        {
            foreach ((string field, JsonNode? value) in only)
            {
                happened[field] = value?.DeepClone();
            }
        }
        else
        {
            happened["op"] = ParallelStep.Name;
            happened["threads"] = new JsonArray([.. busy.Select(thread => thread.ToJson(_began))]);
            happened["ret"] = 0;
        }

        Array.ForEach(busy, static thread => thread.Clear());

        // What is due at this moment is not: who looks finds it done.
        _machine.Host.Clock.RunPending();
        Write(_machine.Observe(happened, _traced));
    }

    private void Write(JsonObject line)
    {
        _text.Write(line.ToJsonString() + '\n');
        _text.Flush();
    }
}
