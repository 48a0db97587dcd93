using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// What the recorder keeps for one of its devices: the scripts of the callbacks and its resume-latency request.
/// </summary>
internal sealed class RecorderDevice : RuntimePmCallbacks
{
    private readonly HashSet<RuntimePmCallback> _callbacks;
    private readonly Script[] _scripts = [.. Enum.GetValues<RuntimePmCallback>().Select(static _ => new Script())];
    private int _resumeLatencyRequest;

    public RecorderDevice(CallbackLog log, IEnumerable<RuntimePmCallback> callbacks)
    {
        Log = log;
        _callbacks = [.. callbacks];
    }

    private RecorderDevice(RecorderDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Log = fork.Of(original.Log);
        _callbacks = original._callbacks;
        _scripts = [.. original._scripts.Select(static script => script.Copy())];
        _resumeLatencyRequest = original._resumeLatencyRequest;
    }

    /// <summary>The log that the callbacks of all devices write.</summary>
    public CallbackLog Log { get; }

    /// <summary>The recorder's side of a device.</summary>
    public static RecorderDevice Of(RuntimePmDevice device) => (RecorderDevice)device.Callbacks;

    public KernelResult AddResumeLatencyRequest(RuntimePmDevice device, int microseconds)
    {
        _resumeLatencyRequest = microseconds;
        return device.AddResumeLatencyRequest(microseconds);
    }

    public KernelResult RemoveResumeLatencyRequest(RuntimePmDevice device) =>
        device.RemoveResumeLatencyRequest(_resumeLatencyRequest);

    /// <summary>Says what a callback will do next; what is left of an earlier script is forgotten.</summary>
    /// <param name="arguments">The callback's name, and the steps.</param>
    /// <exception cref="RecordingException">They are something else.</exception>
    public void SetScript(JsonArray arguments)
    {
        RuntimePmCallback callback = Enum.GetValues<RuntimePmCallback>()
            .Where(known => NameOf(known) == arguments.FirstOrDefault()?.ToString())
            .Cast<RuntimePmCallback?>()
            .FirstOrDefault() ?? throw new RecordingException("a script needs the name of a callback");
        _scripts[(int)callback].Replace(arguments.Skip(1).Select(static step => ScriptStep.Parse($"{step}")));
    }

    public override bool Has(RuntimePmCallback callback) => _callbacks.Contains(callback);

    public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
    {
        TimeSpan time = _scripts[(int)callback].Begin().Time;
        if (time > TimeSpan.Zero)
        {
            Log.Add($"{device.Name}.{NameOf(callback)}>");
            await device.Core.Kernel.Sleep(time);
        }

        return Finish(_scripts[(int)callback].Current, callback, device);
    }

    private int Finish(ScriptStep step, RuntimePmCallback callback, RuntimePmDevice device)
    {
        string name = $"{device.Name}.{NameOf(callback)}";
        if (step.Call is not null)
        {
            RuntimePmDevice target = step.Device is null
                ? device
                : device.Core.Devices.First(known => known.Name == step.Device);
            KernelResult? returned = step.Call.Make(target, 0);
            Log.Add($"{name}:{step.Call.Name}@{target.Name}" + (returned is { } result ? $"={result.Value}" : ""));
        }

        Log.Add($"{name}={step.Return}");
        return step.Return;
    }

    public override IForkable Fork(ForkContext fork) => new RecorderDevice(this, fork);

    /// <summary>The recorder's name of a callback.</summary>
    public static string NameOf(RuntimePmCallback callback) => callback switch
    {
        RuntimePmCallback.Suspend => "suspend",
        RuntimePmCallback.Resume => "resume",
        _ => "idle",
    };
}
