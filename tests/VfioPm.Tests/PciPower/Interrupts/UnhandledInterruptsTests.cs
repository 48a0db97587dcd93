namespace VfioPm.Tests;

/// <summary>When a line is stuck that nobody claims (<c>note_interrupt()</c>).</summary>
public sealed class UnhandledInterruptsTests
{
    [Fact]
    public void A_few_unclaimed_interrupts_between_claimed_ones_are_of_no_account()
    {
        var unhandled = new UnhandledInterrupts();
        for (int i = 0; i < 1_000_000; i++)
        {
            unhandled.Note(1, areHandled: i % 10 == 0, TimeSpan.Zero).Should().BeFalse();
        }
    }

    [Fact]
    public void An_unclaimed_interrupt_after_a_tenth_of_a_second_counts_as_the_first()
    {
        var unhandled = new UnhandledInterrupts();
        for (int i = 0; i < 250_000; i++)
        {
            unhandled.Note(1, areHandled: false, i * TimeSpan.FromMilliseconds(101)).Should().BeFalse();
        }

        unhandled.Unhandled.Should().BeLessThan(2);
    }

    // time_after(jiffies, desc->last_unhandled + HZ/10).
    [Theory]
    [InlineData(0, 2)]
    [InlineData(100, 2)]
    [InlineData(101, 1)]
    public void note_interrupt_begins_anew_more_than_a_tenth_of_a_second_after_the_last_that_nobody_claimed(int milliseconds, int expected)
    {
        var unhandled = new UnhandledInterrupts();
        var before = TimeSpan.FromSeconds(1);

        unhandled.Note(1, areHandled: false, before);
        unhandled.Note(1, areHandled: false, before + TimeSpan.FromMilliseconds(milliseconds));

        unhandled.Unhandled.Should().Be(expected);
    }

    // desc->irqs_unhandled > 99900, of a hundred thousand that are counted from the first that nobody claims.
    [Theory]
    [InlineData(99_900, false)]
    [InlineData(99_901, true)]
    public void note_interrupt_looks_after_a_hundred_thousand_whether_all_but_a_hundred_were_claimed_by_nobody(int unclaimed, bool isStuck)
    {
        var unhandled = new UnhandledInterrupts();
        unhandled.Left.Should().Be(100_000);
        unhandled.Note(unclaimed, areHandled: false, TimeSpan.Zero).Should().BeFalse();
        unhandled.Left.Should().Be(100_000 - unclaimed);
        new UnhandledInterrupts(unhandled).Left.Should().Be(unhandled.Left);
        new UnhandledInterrupts(unhandled).Unhandled.Should().Be(unclaimed);

        unhandled.Note(unhandled.Left, areHandled: true, TimeSpan.Zero).Should().Be(isStuck);

        unhandled.Left.Should().Be(100_000, "it counts anew");
        unhandled.Unhandled.Should().Be(0);
    }
}
