using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// Plays <c>rpm-trace/1</c>. The recorder's thread holds the only processor while it makes calls, so timers run
/// out between them but work items stay queued, until it sleeps or waits.
/// </summary>
internal sealed class RpmPlayer : IRecordingPlayer
{
    /// <exception cref="RecordingException">The header describes no machine.</exception>
    public RpmPlayer(JsonObject header)
        : this(new RpmMachine(header))
    {
    }

    private RpmPlayer(RpmMachine machine) => Machine = machine;

    /// <summary>What is played on.</summary>
    public RpmMachine Machine { get; }

    private VirtualClock Clock => Machine.Core.Clock;

    /// <summary>A player at the same place of the recording, on a machine of its own.</summary>
    public RpmPlayer Fork() => new(Machine.Fork());

    /// <summary>Does what the event says was done, and tells what came of it.</summary>
    public JsonObject Play(JsonObject recorded)
    {
        SpinUntil(StartOf(recorded));
        TimeSpan start = Clock.Now;
        string? device = recorded.Optional<string>("dev");
        JsonNode? returned = null;
        bool unavailable = recorded.Optional<bool>("unavailable");
        if (!unavailable)
        {
            try
            {
                returned = Make(recorded, device is null ? null : Machine.Device(device))?.Value;
            }
            catch (SimulationDeadlockException deadlock)
            {
                returned = deadlock.Message;
            }
        }

        JsonObject played = new()
        {
            ["i"] = recorded["i"]?.DeepClone(),
            ["t0"] = Milliseconds(start),
            ["t1"] = Milliseconds(Clock.Now),
            ["call"] = recorded["call"]?.DeepClone(),
            ["dev"] = device,
            ["args"] = recorded["args"]?.DeepClone(),
            ["ret"] = returned,
            ["cb"] = new JsonArray([.. Machine.Log.Take().Select(static line => JsonValue.Create(line))]),
            ["us"] = new JsonArray(RpmState.Microseconds(start), RpmState.Microseconds(Clock.Now)),
        };
        if (unavailable)
        {
            played["unavailable"] = true;
        }

        played["state"] = RpmState.OfEach(Machine.Core, RpmState.Of);
        played["clock"] = RpmState.OfEach(Machine.Core, RpmState.ClockOf);
        return played;
    }

    ReplayedEvent IRecordingPlayer.Play(JsonObject recorded) => new(recorded, Play(recorded));

    public void KeepReasons() => Machine.Trace.KeepReasons();

    public Picture Draw(string title) => Machine.Trace.ToPicture(title);

    private KernelResult? Make(JsonObject recorded, RuntimePmDevice? device)
    {
        string call = recorded.Required<string>("call");
        JsonArray arguments = recorded.RequiredList("args");
        switch (call)
        {
            case "init":
                return null;
            case "settle":
                Machine.Core.FlushWork();
                return null;
            case "sleep":
                Clock.Advance(TimeSpan.FromMilliseconds(Number(arguments)));
                return null;
            case "spin":
                Clock.Spin(TimeSpan.FromMilliseconds(Number(arguments)));
                return null;
        }

        if (device is null)
        {
            throw new RecordingException($"\"{call}\" needs a device");
        }

        using CauseScope because = Clock.Because(call, device.Name);
        switch (call)
        {
            case "script":
                RecorderDevice.Of(device).SetScript(arguments);
                return null;
            case "link_add":
                return RpmLinks.Add(device, Supplier(arguments), rpmActive: arguments.Count > 1);
            case "link_del":
                return RpmLinks.Remove(device, Supplier(arguments));
            default:
                return RpmCall.Named(call).Make(device, arguments.Count == 0 ? 0 : Number(arguments));
        }
    }

    private RuntimePmDevice Supplier(JsonArray arguments) =>
        Machine.Device(arguments is [{ } name, ..] ? $"{name}" : throw new RecordingException("no supplier"));

    private static int Number(JsonArray arguments) =>
        arguments is [JsonValue value, ..] && value.TryGetValue(out int number)
            ? number
            : throw new RecordingException("the argument is not a number");

    /// <summary>When the call was made: by the microsecond where that was recorded.</summary>
    private static TimeSpan StartOf(JsonObject recorded) =>
        recorded["us"] is JsonArray and [JsonValue first, ..] && first.TryGetValue(out long microseconds)
            ? TimeSpan.FromMicroseconds(microseconds)
            : TimeSpan.FromMilliseconds(recorded.Required<long>("t0"));

    private void SpinUntil(TimeSpan moment)
    {
        TimeSpan ahead = moment - Clock.Now;
        if (ahead > TimeSpan.Zero)
        {
            Clock.Spin(ahead);
        }
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
