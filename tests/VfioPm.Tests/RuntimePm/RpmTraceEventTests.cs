namespace VfioPm.Tests;

/// <summary>A trace event in ftrace's words.</summary>
public sealed class RpmTraceEventTests
{
    private const string Line = "rpm_resume 0000:01:00.0 flags-4 cnt-1 dep-0 auto-1 p-0 irq-0 child-2";

    [Fact]
    public void It_is_written_where_there_is_just_room_for_it_and_not_where_there_is_less()
    {
        Span<char> room = stackalloc char[Line.Length];

        Resume("0000:01:00.0").TryFormat(room, out int written, default, null).Should().BeTrue();
        room[..written].ToString().Should().Be(Line).And.Be(Resume("0000:01:00.0").ToString());
        Resume("0000:01:00.0").TryFormat(room[1..], out _, default, null).Should().BeFalse();
    }

    [Theory]
    [InlineData(RpmTracepoint.Resume)]
    [InlineData(RpmTracepoint.ReturnInt)]
    [InlineData(RpmTracepoint.Status)]
    public void Of_each_kind_it_is_written_whole_or_not_at_all(RpmTracepoint kind)
    {
        RpmTraceEvent told = Resume("0000:01:00.0") with { Tracepoint = kind, Function = RpmTracepoint.Resume };
        Span<char> room = stackalloc char[told.ToString().Length];

        told.TryFormat(room, out int written, default, null).Should().BeTrue();
        written.Should().Be(room.Length);
        for (int length = 0; length < room.Length; length++)
        {
            told.TryFormat(room[..length], out _, default, null).Should().BeFalse($"{length} are too few");
        }
    }

    [Fact]
    public void A_device_may_have_a_long_name()
    {
        string name = new('x', 1000);

        Resume(name).ToString().Should().Be(Line.Replace("0000:01:00.0", name, StringComparison.Ordinal));
    }

    private static RpmTraceEvent Resume(string device) => new(
        RpmTracepoint.Resume, device, default, RpmFlags.GetPut, UsageCount: 1, DisableDepth: 0, RuntimeAuto: true, RequestPending: false,
        IrqSafe: false, ChildCount: 2, default, default);
}
