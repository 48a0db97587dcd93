
namespace VfioPm.Tests;

/// <summary>The recording machine's devices; the values are those of the recordings.</summary>
public sealed class EmulatedRegisterTests
{
    private const int InterruptCause = 0xc0;
    private const int InterruptCauseSet = 0xc8;
    private const int InterruptMaskSet = 0xd0;

    [Fact]
    public void A_cycle_to_the_network_adapter_begins_with_its_registers_lowest_byte()
    {
        E1000ERegisters device = new();

        device.Read(0, 0, 4).Should().Be(0x0014_0241);
        device.Read(0, 0, 1).Should().Be(0x41);
        device.Read(0, 1, 1).Should().Be(0x41);
        device.Read(0, 2, 2).Should().Be(0x0241);
    }

    [Fact]
    public void The_network_adapters_address_register_survives_what_its_registers_do_not()
    {
        E1000ERegisters device = new();
        device.Write(0, 0x3800, 4, 0xda);
        device.Write(2, 0, 4, 0x3800);
        device.Read(2, 4, 4).Should().Be(0xd0);

        device.Reset(ResetKind.PowerLoss);

        device.Read(2, 0, 4).Should().Be(0x3800);
        device.Read(2, 4, 4).Should().Be(0);
    }

    [Fact]
    public void An_enabled_cause_asserts_the_pin_and_reading_the_causes_ends_it()
    {
        OpenedDevice device = new();
        PciFunction function = device.Function.Hardware;
        function.WriteBar(0, InterruptCauseSet, 4, 4);
        function.InterruptStatus.Should().BeFalse("it is not enabled");

        function.WriteBar(0, InterruptMaskSet, 4, 4);

        function.InterruptStatus.Should().BeTrue();
        function.ReadBar(0, InterruptCause, 4).Should().Be(0x8000_0004);
        function.InterruptStatus.Should().BeFalse();
    }

    [Fact]
    public void The_network_adapters_fork_signals_with_its_own_function()
    {
        OpenedDevice device = new();
        using SimulatedHost fork = device.Host.Fork();
        PciFunction copy = fork[device.Function.Address].Hardware;

        copy.WriteBar(0, InterruptMaskSet, 4, 4);
        copy.WriteBar(0, InterruptCauseSet, 4, 4);

        copy.InterruptStatus.Should().BeTrue();
        device.Function.Hardware.InterruptStatus.Should().BeFalse();
    }

    [Theory]
    [InlineData(0, 8, 0x0040_1820_0f01_07ff)]
    [InlineData(1, 2, 0x0107)]
    [InlineData(8, 4, 0x0001_0400)]
    [InlineData(0x3800, 4, 0)]
    public void The_drive_says_who_it_is(long offset, int width, ulong value)
    {
        NvmeRegisters device = new();
        device.Write(0, offset, width, 0xa5);

        device.Read(0, offset, width).Should().Be(value);
    }

    [Fact]
    public void The_teaching_device_answers_dwords_and_computes_factorials()
    {
        EduRegisters device = new(EduRegisters.MakeUnknown());
        device.Write(0, 8, 4, 5);

        device.Read(0, 8, 4).Should().Be(120);
        device.Read(0, 8, 2).Should().Be(0);
        device.Read(0, 8, 8).Should().Be(ulong.MaxValue);
        device.Read(0, 0x0c, 4).Should().Be(uint.MaxValue);
    }

    [Fact]
    public void Only_its_own_command_resets_the_conventional_adapter()
    {
        I82559Registers device = new(I82559Registers.MakeUnknown());
        device.Write(1, 4, 4, 0x1234);
        device.Reset(ResetKind.PowerLoss);
        device.Read(1, 4, 4).Should().Be(0x1234);

        device.Write(0, 8, 4, 0);

        device.Read(1, 4, 4).Should().Be(0);
    }

    [Fact]
    public void What_earlier_scenarios_left_could_be_anything_until_it_is_written()
    {
        UnknownBytes unknown = EduRegisters.MakeUnknown();
        EduRegisters device = new(unknown);

        device.Read(0, 8, 4);
        unknown.Mask("00000000", 8).Should().Be("??000000");
        unknown.Mask("ffffffff", 8).Should().Be("ffffffff", "what the device was not asked for it did not give");

        device.Write(0, 8, 4, 3);
        device.Read(0, 8, 4);
        unknown.Mask("06000000", 8).Should().Be("06000000");
    }
}
