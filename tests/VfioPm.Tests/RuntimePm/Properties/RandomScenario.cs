using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>One line of a random scenario, as the recorder would be told it.</summary>
internal sealed record RandomCall(string Call, string? Device, params object[] Arguments)
{
    public override string ToString() => $"{Call} {Device} {string.Join(' ', Arguments)}".TrimEnd();
}

/// <summary>
/// Scenarios in the recorder's words on its usual tree: <c>g</c> below <c>c1</c>, <c>c1</c> and <c>c2</c> below
/// <c>p</c>, and <c>s</c> supplying <c>c2</c>. Left out is what waits for itself on a real kernel.
/// </summary>
internal static class RandomScenario
{
    private static readonly string[] Devices = ["s", "p", "c1", "c2", "g"];

    private static readonly string[] Uses =
    [
        "get", "get_sync", "get_noresume", "resume_and_get", "get_if_in_use", "get_if_active", "put", "put_sync",
        "put_sync_suspend", "put_autosuspend", "put_sync_autosuspend", "put_noidle",
    ];

    private static readonly string[] Operations =
    [
        "idle", "suspend", "autosuspend", "resume", "request_idle", "request_resume", "request_autosuspend", "barrier",
    ];

    private static readonly string[] Settings =
    [
        "enable", "enable", "disable", "disable_nocheck", "forbid", "allow", "set_active", "use_autosuspend",
        "dont_use_autosuspend", "mark_last_busy", "no_callbacks", "irq_safe", "get_suppliers", "put_suppliers",
    ];

    private static readonly string[] ForcedStatus = ["set_suspended", "force_suspend", "force_resume"];

    private static readonly Dictionary<string, string[]> StepsOf = new()
    {
        ["suspend"] = ["0", "-16", "-11", "-5", "0/200", "-16/200+mark_last_busy", "0+get", "0+request_resume"],
        ["resume"] = ["0", "-5", "-13", "0/200", "0+put", "0+request_idle", "0+get_noresume"],
        ["idle"] = ["0", "1", "-16", "0/200", "0+suspend", "-16+request_autosuspend", "0+request_resume"],
    };

    /// <summary>Any scenario.</summary>
    public static Arbitrary<RandomCall[]> Any { get; } =
        Of(OneOf(ForcedStatus), WithNumber("set_autosuspend_delay", -1));

    /// <summary>Scenarios in which nobody says what a device's status is after it was made.</summary>
    public static Arbitrary<RandomCall[]> WithoutForcedStatus { get; } = Of();

    /// <summary>The recording that asks for the scenario: all devices active and enabled, then the calls.</summary>
    public static (JsonObject Header, IReadOnlyList<JsonObject> Events) Recording(string release, RandomCall[] calls)
    {
        IEnumerable<RandomCall> all =
        [
            .. Devices.Select(static device => new RandomCall("set_active", device)),
            .. Devices.Select(static device => new RandomCall("enable", device)),
            .. calls,
        ];
        JsonObject header = new()
        {
            ["format"] = "rpm-trace/1",
            ["kernel"] = new JsonObject { ["release"] = release },
            ["devices"] = new JsonArray(
                Device("s"), Device("p"), Device("c1", "p"), Device("c2", "p", "s"), Device("g", "c1")),
        };
        return (header, [.. all.Select(Event)]);
    }

    private static Arbitrary<RandomCall[]> Of(params Gen<RandomCall>[] more)
    {
        Gen<RandomCall> call = Gen.OneOf(
        [
            OneOf(Uses), OneOf(Uses), OneOf(Operations), OneOf(Settings), Script(), Script(),
            WithNumber("schedule_suspend", 0, 120), WithNumber("set_autosuspend_delay", 0, 120),
            WithNumber("suspend_ignore_children", 0, 1), WithNumber("qos_add", 0, 100),
            Gen.Elements(
                new RandomCall("settle", null), new RandomCall("sleep", null, 90), new RandomCall("sleep", null, 250)),
            .. more,
        ]);
        return Arb.From(Gen.NonEmptyListOf(call).Select(static calls => calls.ToArray()), Shorter);
    }

    private static IEnumerable<RandomCall[]> Shorter(RandomCall[] calls) =>
        Enumerable.Range(0, calls.Length).Select(left => calls.Where((_, i) => i != left).ToArray());

    private static Gen<RandomCall> OneOf(string[] calls) =>
        from call in Gen.Elements(calls)
        from device in Gen.Elements(Devices)
        select new RandomCall(call, device);

    private static Gen<RandomCall> WithNumber(string call, params int[] numbers) =>
        from number in Gen.Elements(numbers)
        from device in Gen.Elements(Devices)
        select new RandomCall(call, device, number);

    private static Gen<RandomCall> Script() =>
        from callback in Gen.Elements<string>([.. StepsOf.Keys])
        from step in Gen.Elements(StepsOf[callback])
        from device in Gen.Elements(Devices)
        select new RandomCall("script", device, callback, step);

    private static JsonObject Device(string name, string? parent = null, params string[] suppliers) => new()
    {
        ["name"] = name,
        ["parent"] = parent,
        ["suppliers"] = new JsonArray([.. suppliers.Select(static supplier => JsonValue.Create(supplier))]),
        ["callbacks"] = new JsonObject { ["suspend"] = true, ["resume"] = true, ["idle"] = true },
    };

    private static JsonObject Event(RandomCall call, int index) => new()
    {
        ["i"] = index,
        ["t0"] = 5000L,
        ["call"] = call.Call,
        ["dev"] = call.Device,
        ["args"] = new JsonArray([.. call.Arguments.Select(static argument => JsonNode.Parse(
            argument is int ? $"{argument}" : $"\"{argument}\""))]),
    };
}
