namespace VfioPm.Tests;

public sealed class StateHashTests
{
    [Fact]
    public void It_is_the_same_on_every_machine()
    {
        // Computed by hand: ((value ^ number) * multiplier), and its upper half onto the lower.
        Of(static (ref StateHash hash) => hash.Add(1)).Should().Be(0x5a8419103ebe48e4);
        Of(static (ref StateHash hash) => AddBoth(ref hash, 1, -1)).Should().Be(0x2099f9f03ea86a8);
    }

    [Fact]
    public void The_order_counts() =>
        Of(static (ref StateHash hash) => AddBoth(ref hash, 1, 2))
            .Should().NotBe(Of(static (ref StateHash hash) => AddBoth(ref hash, 2, 1)));

    [Fact]
    public void Bytes_count_eight_at_a_time_low_byte_first_after_how_many_they_are() =>
        Of(static (ref StateHash hash) => hash.Add([1, 2, 3, 4, 5, 6, 7, 8]))
            .Should().Be(Of(static (ref StateHash hash) => AddBoth(ref hash, 8, 0x0807060504030201)));

    [Theory]
    [InlineData(new byte[] { 1 }, new byte[] { 1, 0 })]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 10 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0x80 }, new byte[] { 1, 0, 0, 0, 0, 0, 0, 0x00 })]
    public void Every_byte_counts(byte[] left, byte[] right)
    {
        StateHash first = StateHash.Empty;
        StateHash second = StateHash.Empty;
        first.Add(left);
        second.Add(right);

        first.Value.Should().NotBe(second.Value);
    }

    [Fact]
    public void A_flag_counts_as_a_number() =>
        Of(static (ref StateHash hash) => hash.Add(true)).Should().Be(Of(static (ref StateHash hash) => hash.Add(1)));

    private static void AddBoth(ref StateHash hash, long first, long second)
    {
        hash.Add(first);
        hash.Add(second);
    }

    private delegate void Adding(ref StateHash hash);

    private static ulong Of(Adding add)
    {
        StateHash hash = StateHash.Empty;
        add(ref hash);
        return hash.Value;
    }
}
