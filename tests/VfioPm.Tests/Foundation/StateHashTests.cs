namespace VfioPm.Tests;

public sealed class StateHashTests
{
    [Fact]
    public void It_is_FNV_1a_so_it_is_the_same_on_every_machine()
    {
        // The published test vectors of FNV-1a, 64 bits.
        StateHash.Empty.Value.Should().Be(0xcbf29ce484222325);
        Of(static (ref StateHash hash) => hash.Add("a"u8)).Should().Be(0xaf63dc4c8601ec8c);
        Of(static (ref StateHash hash) => hash.Add("foobar"u8)).Should().Be(0x85944171f73967e8);
    }

    [Fact]
    public void A_number_counts_as_its_eight_bytes_low_byte_first() =>
        Of(static (ref StateHash hash) => hash.Add(0x0807060504030201))
            .Should().Be(Of(static (ref StateHash hash) => hash.Add([1, 2, 3, 4, 5, 6, 7, 8])));

    [Fact]
    public void A_flag_counts_as_a_byte()
    {
        Of(static (ref StateHash hash) => hash.Add(true))
            .Should().Be(Of(static (ref StateHash hash) => hash.Add([1])));
        Of(static (ref StateHash hash) => hash.Add(false))
            .Should().Be(Of(static (ref StateHash hash) => hash.Add([0])));
    }

    private delegate void Adding(ref StateHash hash);

    private static ulong Of(Adding add)
    {
        StateHash hash = StateHash.Empty;
        add(ref hash);
        return hash.Value;
    }
}
