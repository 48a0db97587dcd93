using System.Text.Json;

namespace VfioPm.Tests;

/// <summary>
/// Plays a recording on a <see cref="RecordedDevice"/> and says where the user's configuration accesses, and the
/// host's reads, come out otherwise.
/// </summary>
internal sealed class RecordingPlayer(ConfigurationRecording recording, RecordedDevice device, bool isRuntimeManaged)
{
    private const int MsiIndex = 1;
    private const int MsiXIndex = 2;

    private readonly List<string> _differences = [];
    private int _heldByOthers;
    private bool _hasHostChangedInterrupts;

    /// <summary>How many accesses were compared.</summary>
    public int Compared { get; private set; }

    public IReadOnlyList<string> Play()
    {
        foreach (JsonElement step in recording.Events)
        {
            if (EntersLowPower(step) || ResetsInLowPower(step))
            {
                // From here on the device decides what state the function is in.
                break;
            }

            if (Text(step, "bdf") == recording.Endpoint)
            {
                int before = device.GuardedAccesses;
                Play(step);
                CompareGuardedAccesses(step, device.GuardedAccesses - before);
            }

            FollowRuntimePm(step);
        }

        return _differences;
    }

    private void Play(JsonElement step)
    {
        bool succeeded = Number(step, "ret") >= 0;
        switch (Text(step, "op"))
        {
            case "open" when succeeded:
                device.Open();
                break;
            case "close":
                device.Close();
                break;
            case "cfg_read":
                CompareRead(step);
                break;
            case "cfg_write":
                CompareWrite(step);
                break;
            case "host_cfg_read" when succeeded && IsRegisterOurs:
                Compare(step, Text(step, "data"), Hex(device.HostRead(Number(step, "off"), Number(step, "ret"))));
                break;
            case "host_cfg_write" when succeeded:
                device.HostWrite(Number(step, "off"), Convert.FromHexString(Text(step, "value")));
                break;
            case "reset" or "hot_reset" when succeeded:
                device.TryResetFunction();
                break;
            case "sysfs_write" when Text(step, "attr") == "reset" && succeeded:
                device.TryResetFunction();
                break;
            case "set_irqs" when succeeded:
                SetInterrupts(step);
                break;
        }
    }

    // Not while idle or under runtime PM, when the device decides the power state, nor what interrupts set up.
    private bool IsRegisterOurs => device.Configuration is not null && !isRuntimeManaged && !_hasHostChangedInterrupts;

    // VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY and _ENTRY_WITH_WAKEUP
    private static bool EntersLowPower(JsonElement step) =>
        Text(step, "op") == "feature" && (Number(step, "number") is 3 or 4) && Text(step, "how") == "set"
        && Number(step, "ret") == 0;

    // Under the RFC a reset goes behind the back of runtime PM.
    private bool ResetsInLowPower(JsonElement step) =>
        isRuntimeManaged && (Text(step, "op") is "reset" or "hot_reset")
        && device.Configuration is { IsLowPowerAsked: true };

    private void SetInterrupts(JsonElement step)
    {
        _hasHostChangedInterrupts = true;
        if (Text(step, "action") != "trigger" || (Text(step, "data_type") != "eventfd" && Number(step, "count") != 0))
        {
            return;
        }

        bool enables = Number(step, "count") != 0;
        switch (Number(step, "index"))
        {
            case MsiIndex:
                device.IsMsiEnabled = enables;
                break;
            case MsiXIndex:
                device.EnableMsiX(enables);
                break;
        }
    }

    // Each guarded access takes the parent: pm_runtime_get_sync() there, and nowhere else in an access.
    private void CompareGuardedAccesses(JsonElement step, int played)
    {
        if (isRuntimeManaged && recording.Parent is not null && (Text(step, "op") is "cfg_read" or "cfg_write"))
        {
            string taken = $"rpm_resume {recording.Parent} flags-4 ";
            int recorded = step.GetProperty("rpm").EnumerateArray()
                .Count(line => line.GetString()!.StartsWith(taken, StringComparison.Ordinal));
            Compare(step, $"{recorded} guarded accesses", $"{played} guarded accesses");
        }
    }

    private void CompareRead(JsonElement step)
    {
        UserMemory memory = new(Number(step, "len"));
        int result = device.Configuration!.Read(Number(step, "off"), memory).Now();
        Compare(step, Outcome(step), $"{result} {(result < 0 ? "" : Hex(memory.Bytes))}".TrimEnd());
    }

    private void CompareWrite(JsonElement step)
    {
        UserMemory data = new(Convert.FromHexString(Text(step, "value")));
        int result = device.Configuration!.Write(Number(step, "off"), data).Now();
        Compare(step, Outcome(step), $"{result}");
    }

    private void FollowRuntimePm(JsonElement step)
    {
        if (!isRuntimeManaged || device.Configuration is null)
        {
            return;
        }

        JsonElement state = step.GetProperty("state").GetProperty(recording.Endpoint);
        device.FollowRuntimePm(Enum.Parse<PowerState>(Text(state, "ps"), ignoreCase: true));
        int recorded = Number(state, "usage");
        if (Text(step, "op") is "open" or "sysfs_write")
        {
            // What others hold: power/control, disable_idle_d3.
            _heldByOthers = recorded - device.UsageCount;
        }
        else if (recorded != device.UsageCount + _heldByOthers)
        {
            _differences.Add(
                $"{recording.Name} #{Number(step, "i")}: usage {device.UsageCount} + {_heldByOthers}, not {recorded}");
        }
    }

    private void Compare(JsonElement step, string recorded, string played)
    {
        Compared++;
        if (recorded != played)
        {
            string access = $"{recording.Name} #{Number(step, "i")}: {Text(step, "op")} {Number(step, "off"):x}";
            _differences.Add($"{access} gave {played}, not {recorded}");
        }
    }

    private static string Outcome(JsonElement step) => $"{Number(step, "ret")} {Text(step, "data")}".TrimEnd();

    private static int Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.TryGetInt64(out long number) ? (int)number : 0;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
