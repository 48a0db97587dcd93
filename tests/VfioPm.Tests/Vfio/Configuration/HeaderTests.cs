namespace VfioPm.Tests;

public sealed class HeaderTests
{
    private const int Command = PciRegisters.Command;

    [Fact]
    public void An_access_is_cut_at_dwords_and_capabilities()
    {
        FakeFunction function = new FakeFunction().With(0x48, CapabilityId.AdvancedFeatures, new byte[4]);
        VirtualConfiguration configuration = function.Open();

        configuration.Read(0x45, new UserMemory(12)).Now().Should().Be(12);

        // AF is 6 bytes long: its second dword is cut in two.
        function.Log.Should().Equal("read 45/1", "read 46/2", "read 48/4", "read 4c/2", "read 4e/2", "read 50/1");
    }

    [Fact]
    public void However_a_read_is_cut_the_bytes_are_the_same()
    {
        FakeFunction function = new FakeFunction().With(0x41, 0x09, 0x05).With(0x48, 0x01, 0x23, 0xC8);
        for (int i = 0x80; i < function.Size; i++)
        {
            function.Registers[i, 1] = (uint)i;
        }

        VirtualConfiguration configuration = function.Open();
        UserMemory whole = new(function.Size);
        configuration.Read(0, whole).Now().Should().Be(function.Size);

        for (int offset = 0; offset < whole.Length; offset++)
        {
            for (int length = 1; length <= Math.Min(9, whole.Length - offset); length++)
            {
                UserMemory part = new(length);
                configuration.Read(offset, part).Now().Should().Be(length);
                part.Bytes.SequenceEqual(whole.Bytes.Slice(offset, length)).Should().BeTrue($"{offset:x}+{length}");
            }
        }
    }

    [Theory]
    [InlineData(0xFE, 4)]
    [InlineData(0x100, 1)]
    [InlineData(0x7FFF_FFFF, 1)]
    public void An_access_past_the_end_fails_and_touches_nothing(long offset, int length)
    {
        FakeFunction function = new();
        VirtualConfiguration configuration = function.Open();

        configuration.Write(offset, new UserMemory(length)).Now().Should().Be(-Errno.EFAULT);
        function.Log.Should().BeEmpty();
    }

    [Fact]
    public void The_region_index_in_the_file_offset_does_not_matter()
    {
        FakeFunction function = new();
        function.Registers[0, 4] = 0x12345678;

        UserMemory memory = new(4);
        function.Open().Read(7L << 40, memory).Now().Should().Be(4);

        memory.Bytes.ToArray().Should().Equal(0x78, 0x56, 0x34, 0x12);
    }

    [Fact]
    public void A_write_that_the_hardware_refuses_gives_its_error()
    {
        FakeFunction function = new();
        VirtualConfiguration configuration = function.Open();
        function.WriteResult = -Errno.EIO;

        configuration.Put(Command, 2, 2).Should().Be(-Errno.EIO);
        configuration.IsMemoryEnabled.Should().BeFalse();
        function.Log.Should().EndWith("unlock");
    }

    [Fact]
    public void Clearing_memory_enable_zaps_the_mappings_first()
    {
        FakeFunction function = new();
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Command, 2, PciRegisters.CommandMemory);
        configuration.IsMemoryEnabled.Should().BeTrue();
        configuration.Put(Command, 2, 0);

        configuration.IsMemoryEnabled.Should().BeFalse();
        function.Log.Where(line => line.Contains("lock")).Should().Equal("lock", "unlock", "zap and lock", "unlock");
    }

    // vfio_basic_config_write(): memory enabled by the user and in the virtual copy, but not in the hardware.
    [Fact]
    public void Enabling_memory_after_a_backdoor_reset_restores_the_BARs()
    {
        FakeFunction function = new();
        function.Registers[PciRegisters.BaseAddress0, 4] = 0xFE00_0000;
        VirtualConfiguration configuration = function.Open();
        configuration.Put(Command, 2, PciRegisters.CommandMemory);
        function.Registers[Command, 2] = 0;
        function.Registers[PciRegisters.BaseAddress0, 4] = 0;

        configuration.Put(Command, 2, PciRegisters.CommandMemory);

        function.Registers[PciRegisters.BaseAddress0, 4].Should().Be(0xFE00_0000);
    }

    [Fact]
    public void Interrupt_disable_stays_virtual_and_masks_once()
    {
        FakeFunction function = new();
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Command + 1, 1, 4);
        configuration.Put(Command + 1, 1, 4);
        configuration.IsIntxDisabled.Should().BeTrue();
        configuration.Put(Command, 2, 0);

        function.Registers[Command, 2].Should().Be(0);
        function.Log.Where(line => line.EndsWith("INTx")).Should().Equal("mask INTx", "unmask INTx");
    }

    [Fact]
    public void A_virtual_function_shows_what_its_registers_lack()
    {
        FakeFunction function = new();
        function.Registers[0, 4] = 0xFFFF_FFFF;
        function.Registers[PciRegisters.InterruptPin, 1] = 1;
        FunctionFacts facts = function.Facts() with { IsVirtualFunction = true, HasNoCommandMemory = true };

        VirtualConfiguration configuration = function.Open(facts: facts);

        configuration.Get(0, 4).Should().Be(0x1041_1AF4);
        configuration.Get(PciRegisters.InterruptPin, 1).Should().Be(0);
        configuration.Get(Command, 2).Should().Be(PciRegisters.CommandMemory);
        configuration.Put(Command, 2, 0);
        configuration.Get(Command, 2).Should().Be(0, "the user's own value is shown");
        configuration.IsMemoryEnabled.Should().BeTrue("the bit does not count");
    }

    [Fact]
    public void Broken_interrupts_are_hidden_and_kept_off()
    {
        FakeFunction function = new();
        function.Registers[PciRegisters.InterruptPin, 1] = 1;
        function.Registers[PciRegisters.BaseAddress0, 4] = 0xFE00_0000;
        VirtualConfiguration configuration = function.Open(facts: function.Facts() with { IsIntxBroken = true });
        function.Registers[PciRegisters.BaseAddress0, 4] = 0;

        configuration.Put(Command, 2, PciRegisters.CommandMemory);

        configuration.Get(PciRegisters.InterruptPin, 1).Should().Be(0);
        (function.Registers[Command, 2] & PciRegisters.CommandInterruptDisable).Should().NotBe(0);
    }
}
