namespace VfioPm.Tests;

public sealed class StateHashTests
{
    [Fact]
    public void It_is_the_same_on_every_machine()
    {
        // Computed by hand: of two in turn ((value ^ number) * multiplier), and its upper half onto the lower; at last one into the other.
        StateHashes.Of(static (ref StateHash hash) => hash.Add(1)).Should().Be(0xceef130f4c61a1f2);
        StateHashes.Of(static (ref StateHash hash) => AddBoth(ref hash, 1, -1)).Should().Be(0x6baafff4164df952);
    }

    [Fact]
    public void The_order_counts() =>
        StateHashes.Of(static (ref StateHash hash) => AddBoth(ref hash, 1, 2))
            .Should().NotBe(StateHashes.Of(static (ref StateHash hash) => AddBoth(ref hash, 2, 1)));

    [Fact]
    public void Bytes_count_eight_at_a_time_low_byte_first_after_how_many_they_are() =>
        StateHashes.Of(static (ref StateHash hash) => hash.Add([1, 2, 3, 4, 5, 6, 7, 8]))
            .Should().Be(StateHashes.Of(static (ref StateHash hash) => AddBoth(ref hash, 8, 0x0807060504030201)));

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
        StateHashes.Of(static (ref StateHash hash) => hash.Add(true)).Should().Be(StateHashes.Of(static (ref StateHash hash) => hash.Add(1)));

    [Fact]
    public void Each_of_many_flags_counts()
    {
        bool[] flags = new bool[130];
        HashSet<ulong> seen = [OfFlags()];
        for (int i = 0; i < flags.Length; i++)
        {
            flags[i] = true;
            seen.Add(OfFlags());
            flags[i] = false;
        }

        seen.Should().HaveCount(flags.Length + 1);

        ulong OfFlags() => StateHashes.Of((ref hash) => hash.Add(flags));
    }

    [Fact]
    public void Entries_of_a_dictionary_count_in_whatever_order_they_came()
    {
        ulong both = OfEntries((1, 10), (2, 20));

        OfEntries((2, 20), (1, 10)).Should().Be(both);
        new[] { both, OfEntries(), OfEntries((1, 10)), OfEntries((1, 20), (2, 10)), OfEntries((1, 10), (2, 21)) }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void How_long_ago_something_was_counts_up_to_what_is_still_looked_at()
    {
        ulong oldest = OfPast(4);

        OfPast(5).Should().Be(oldest);
        OfPast(1000).Should().Be(oldest);
        new[] { oldest, OfPast(3), OfPast(0) }.Should().OnlyHaveUniqueItems();
        StateHashes.Of(static (ref hash) => hash.AddPast(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)))
            .Should().NotBe(StateHashes.Of(static (ref hash) => hash.AddPast(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4))), "there is no present");

        static ulong OfPast(int secondsAgo)
        {
            TimeSpan present = TimeSpan.FromSeconds(2000);
            StateHash hash = StateHash.At(present);
            hash.AddPast(present - TimeSpan.FromSeconds(secondsAgo), TimeSpan.FromSeconds(4));
            return hash.Value;
        }
    }

    private static ulong OfEntries(params (int Key, int Value)[] entries) => StateHashes.Of((ref all) =>
        all.AddInAnyOrder(entries.ToDictionary(static entry => entry.Key, static entry => entry.Value), static (ref hash, key, value) =>
        {
            hash.Add(key);
            hash.Add(value);
        }));

    private static void AddBoth(ref StateHash hash, long first, long second)
    {
        hash.Add(first);
        hash.Add(second);
    }
}
