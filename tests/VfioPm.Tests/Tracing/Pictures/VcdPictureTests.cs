using System.Globalization;

namespace VfioPm.Tests;

/// <summary>The Value Change Dump says what the lanes say.</summary>
public sealed class VcdPictureTests
{
    private const string Nic = "host.dev_0000_01_00_0";

    private static readonly string[] Names = ["a:b", "a.b", "a b", "$end", "#7"];

    [Fact]
    public void Every_lane_is_a_variable_of_its_device_s_module()
    {
        VcdReader dump = new(PictureMachine.OfSleep().To(PictureFormat.Vcd));

        dump.Types.Where(variable => variable.Key.StartsWith(Nic, StringComparison.Ordinal)).Should().Equal(
            KeyValuePair.Create($"{Nic}.guest_state", "reg"),
            KeyValuePair.Create($"{Nic}.kernel_state", "reg"),
            KeyValuePair.Create($"{Nic}.hardware_state", "reg"),
            KeyValuePair.Create($"{Nic}.runtime_status", "reg"),
            KeyValuePair.Create($"{Nic}.usage_count", "integer"),
            KeyValuePair.Create($"{Nic}.operation", "event"));
        dump.TimeScale.Should().Be("100ns");
    }

    [Fact]
    public void Every_interval_is_a_change_at_its_time()
    {
        Picture picture = PictureMachine.OfSleep();
        VcdReader dump = new(picture.To(PictureFormat.Vcd));

        dump.Changes
            .Where(change => change.Variable == $"{Nic}.hardware_state")
            .Select(change => (change.Time, Convert.ToInt32(change.Value, 2)))
            .Should().Equal(picture.Lane(PictureMachine.NicName, TraceKind.HardwareState).Intervals
                .Select(interval => (interval.Begin.Ticks, interval.Value)));
        dump.Times[^1].Should().Be(picture.End.Ticks, "the last value lasts until then");
    }

    [Fact]
    public void What_the_kernel_does_not_know_is_x_and_what_nobody_reads_is_z()
    {
        SimulatedHost host = new(KernelProfile.Linux6_1);
        PciDevice nic = host.AddEndpoint("0000:01:00.0");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.VfioPci.Bind(nic).Open().Close();

        VcdReader dump = new(host.Trace.ToPicture().To(PictureFormat.Vcd));

        dump.Changes.First(change => change.Variable.EndsWith("kernel_state", StringComparison.Ordinal)).Value.Should().Be("x");
        dump.Changes.Where(change => change.Variable.EndsWith("guest_state", StringComparison.Ordinal))
            .Select(change => change.Value).Should().Equal("z", "0", "z");
    }

    [Fact]
    public void What_was_done_is_an_event_with_its_words_in_a_comment()
    {
        string text = PictureMachine.OfSleep().To(PictureFormat.Vcd);

        new VcdReader(text).Changes
            .Where(change => change.Variable == $"{Nic}.operation")
            .Select(change => TimeSpan.FromTicks(change.Time).TotalSeconds.ToString(CultureInfo.InvariantCulture))
            .Should().Equal("0", "0.024", "2.024", "2.16");
        text.Should().Contain("$comment 0000:01:00.0: guest asks for low power in PMCSR $end");
    }

    [Fact]
    public void A_count_below_zero_is_a_number_of_32_bits()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux5_10);
        HostTrace trace = new(core);
        RuntimePmDevice device = core.AddDevice("camera");
        device.Forbid();
        device.PutNoIdle();
        device.Allow();
        device.UsageCount.Should().Be(-1, "kernels before 5.19 do not look");

        new VcdReader(trace.ToPicture().To(PictureFormat.Vcd))
            .Changes.Last(change => change.Variable.EndsWith("usage_count", StringComparison.Ordinal))
            .Value.Should().Be(new string('1', 32));
    }

    [Fact]
    public void More_variables_than_printable_characters_have_codes_of_their_own()
    {
        RuntimePmCore core = new();
        HostTrace trace = new(core);
        for (int number = 0; number < 100; number++)
        {
            core.AddDevice($"device {number}");
        }

        new VcdReader(trace.ToPicture().To(PictureFormat.Vcd)).Types.Should().HaveCount(300);
    }

    [Fact]
    public void Devices_whose_names_differ_in_punctuation_only_are_told_apart()
    {
        RuntimePmCore core = new();
        HostTrace trace = new(core);
        foreach (string name in Names)
        {
            core.AddDevice(name).Enable();
        }

        new VcdReader(trace.ToPicture("$end #3").To(PictureFormat.Vcd)).Types.Keys
            .Select(name => name.Split('.')[1]).Distinct()
            .Should().Equal("dev_a_b", "dev_a_b_2", "dev_a_b_3", "dev__end", "dev__7");
    }
}
