namespace VfioPm.Tests.Pci;

/// <summary>Memory behind BARs, of which only what was written takes space.</summary>
public sealed class RamRegistersTests
{
    [Fact]
    public void What_was_written_is_read_in_any_width_and_over_the_end_of_a_page()
    {
        var memory = new RamRegisters();

        memory.Write(0, 0xffc, 8, 0x8877_6655_4433_2211);

        memory.Read(0, 0xffc, 8).Should().Be(0x8877_6655_4433_2211);
        memory.Read(0, 0xffe, 4).Should().Be(0x6655_4433);
        memory.Read(0, 0xfff, 2).Should().Be(0x5544);
        memory.Read(0, 0x1003, 1).Should().Be(0x88);
        memory.Read(0, 0xff8, 4).Should().Be(0);
        memory.Read(1, 0xffc, 8).Should().Be(0, "that is another BAR");
        memory.Read(0, 0x1_0000_0ffc, 8).Should().Be(0, "that is far away");
    }

    [Fact]
    public void The_hash_tells_each_byte_and_its_place_apart()
    {
        ulong[] hashes =
        [
            HashOf(static _ => { }),
            HashOf(static memory => memory.Write(0, 0, 1, 1)),
            HashOf(static memory => memory.Write(0, 0, 1, 2)),
            HashOf(static memory => memory.Write(0, 1, 1, 1)),
            HashOf(static memory => memory.Write(1, 0, 1, 1)),
            HashOf(static memory => memory.Write(0, 0x1000, 1, 1)),
        ];
        hashes.Should().OnlyHaveUniqueItems();
        HashOf(static memory =>
        {
            memory.Write(0, 0x1000, 1, 1);
            memory.Write(0, 0, 1, 1);
        }).Should().Be(HashOf(static memory =>
        {
            memory.Write(0, 0, 1, 1);
            memory.Write(0, 0x1000, 1, 1);
        }), "the order of writing is over");
    }

    [Fact]
    public void A_reset_clears_it_and_a_fork_has_its_own()
    {
        var memory = new RamRegisters();
        memory.Write(0, 0x10, 4, 7);
        var fork = new ForkContext().Of(memory);
        fork.Read(0, 0x10, 4).Should().Be(7);
        fork.Write(0, 0x10, 4, 8);
        memory.Read(0, 0x10, 4).Should().Be(7);

        memory.Reset(ResetKind.FunctionLevel);

        memory.Read(0, 0x10, 4).Should().Be(0);
        StateHashes.Of(memory.AddTo).Should().Be(StateHashes.Of(new RamRegisters().AddTo));
        fork.Read(0, 0x10, 4).Should().Be(8);
    }

    private static ulong HashOf(Action<RamRegisters> write)
    {
        var memory = new RamRegisters();
        write(memory);
        return StateHashes.Of(memory.AddTo);
    }
}
