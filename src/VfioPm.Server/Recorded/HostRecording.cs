using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// Who does something on a server's host, and what, as a recording, if one is wanted: the client, the administrator, and
/// whoever takes the device back.
/// </summary>
internal sealed class HostRecording : IDisposable
{
    // Longer than a kernel waits for anything by itself.
    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(3);

    private readonly RecordingText? _text;
    private readonly LiveRecording? _recording;
    private readonly Dictionary<Who, LiveThread> _threads = [];

    /// <param name="host">The host.</param>
    /// <param name="functions">The addresses of its functions by what they are called.</param>
    /// <param name="description">What is recorded.</param>
    /// <param name="text">Where to, or null for nowhere.</param>
    public HostRecording(SimulatedHost host, IReadOnlyDictionary<string, string> functions, string description, TextWriter? text)
    {
        if (text is null)
        {
            return;
        }

        ScenarioHead head = new() { Name = "served", Description = description, IsFreshBoot = true, Settle = TimeSpan.Zero };
        _text = new RecordingText(text);
        _recording = new LiveRecording(host, functions, head, _text);
        foreach (Who who in Enum.GetValues<Who>())
        {
            _threads.Add(who, _recording.AddThread());
        }
    }

    /// <summary>Who does something.</summary>
    public enum Who
    {
        /// <summary>The client.</summary>
        Client,

        /// <summary>The one at the control socket.</summary>
        Administrator,

        /// <summary>The one who takes the device back, and waits for it.</summary>
        Remover,
    }

    /// <summary>Cancelled when what happens cannot be written down any more.</summary>
    public CancellationToken Lost => _text?.Lost ?? CancellationToken.None;

    /// <summary>Throws what was thrown when it could not.</summary>
    public void ThrowIfLost()
    {
        if (_text?.Problem is { } problem)
        {
            ExceptionDispatchInfo.Throw(problem);
        }
    }

    /// <summary>Nothing is written down any more; the text stays its owner's.</summary>
    public void Dispose() => _text?.Dispose();

    /// <summary>Lets time pass on the host up to a moment; what returns meanwhile is written down when it does.</summary>
    public void Pass(VirtualClock clock, TimeSpan end)
    {
        if (_recording is null)
        {
            clock.Advance(Left());
            return;
        }

        while (clock.AdvanceUntil(() => _recording.HasNews, Left()))
        {
            _recording.Look();
        }

        _recording.Look();

        TimeSpan Left() => end > clock.Now ? end - clock.Now : TimeSpan.Zero;
    }

    /// <summary>Lets as much time pass as somebody's calls need.</summary>
    public void Finish(Who who, VirtualClock clock)
    {
        while (_recording is not null && _recording.IsWaiting(_threads[who]) && clock.AdvanceUntil(() => _recording.HasNews, LongestCall))
        {
            _recording.Look();
        }
    }

    /// <summary>Somebody begins a call.</summary>
    /// <param name="who">Who.</param>
    /// <param name="ask">What is asked for, as an event says it.</param>
    /// <param name="begin">Begins it.</param>
    /// <param name="answer">What it answers, from what it returned.</param>
    public PendingCall Begin(
        Who who, Func<JsonObject> ask, Func<PendingCall> begin, Func<KernelResult, JsonObject> answer) => _recording is null
        ? begin()
        : _recording.Begin(_threads[who], ask(), () => new BegunCall(begin(), answer));

    /// <summary>Somebody does something at once, whatever time passes on the host meanwhile.</summary>
    /// <param name="who">Who.</param>
    /// <param name="act">Does it, and says what was asked and answered; null where nothing was done.</param>
    public void Do(Who who, Func<JsonObject?> act)
    {
        if (_recording is null)
        {
            act();
        }
        else
        {
            _recording.Do(_threads[who], act);
        }
    }
}
