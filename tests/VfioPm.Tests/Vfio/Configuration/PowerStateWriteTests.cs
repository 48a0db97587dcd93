namespace VfioPm.Tests;

public sealed class PowerStateWriteTests
{
    private const int Start = 0x40;
    private const int ControlStatus = Start + PmRegisters.ControlStatus;

    [Fact]
    public void Before_the_RFC_a_state_is_set_at_once()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.BeforeRfc);

        configuration.Put(ControlStatus, 2, 0x010B);

        function.Log.Should().EndWith("set D3Hot").And.NotContain("zap and lock");
        function.Registers[ControlStatus, 2].Should().Be(0x0108, "the state is not written with the rest");
    }

    [Fact]
    public void Linux_6_1_sets_it_under_the_memory_lock()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.Linux6_1);

        configuration.Put(ControlStatus, 1, 0x03);
        configuration.Put(ControlStatus, 1, 0x01);

        function.Log.Where(line => !line.Contains('/')).Should()
            .Equal("zap and lock", "set D3Hot", "unlock", "lock", "set D1", "unlock");
    }

    [Fact]
    public void Only_a_write_that_starts_at_the_register_is_a_state_write()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open();

        configuration.Put(ControlStatus + 1, 1, 0x03);
        configuration.Put(ControlStatus + 2, 2, 0x03);

        function.Log.Should().NotContain(line => line.StartsWith("set"));
    }

    [Fact]
    public void PME_is_the_users_before_the_RFC_and_hidden_since()
    {
        FakeFunction function = Function();

        function.Open(ConfigurationRules.BeforeRfc).Get(Start + PmRegisters.Capabilities, 2).Should().Be(0xC823);
        function.Open(ConfigurationRules.RfcV1).Get(Start + PmRegisters.Capabilities, 2).Should().Be(0x0023);
    }

    [Fact]
    public void Under_the_RFC_a_state_write_only_moves_the_usage_count()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);

        configuration.Put(ControlStatus, 1, 0x0B);
        configuration.IsLowPowerAsked.Should().BeTrue();
        configuration.Get(ControlStatus, 4).Should().Be(0x000B);
        configuration.Put(ControlStatus, 1, 0x0A);
        configuration.Get(ControlStatus, 4).Should().Be(0x000B, "only the first state counts");
        configuration.Put(ControlStatus, 1, 0x08);

        configuration.IsLowPowerAsked.Should().BeFalse();
        function.Log.Where(line => line is "put" or "get").Should().Equal("put", "get");
        function.Registers[ControlStatus, 2].Should().Be(0x0008);
    }

    [Fact]
    public void Under_the_RFC_the_whole_register_is_frozen_by_the_first_write_of_a_byte()
    {
        FakeFunction function = Function();
        function.Registers[ControlStatus, 2] = 0x0A08;
        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);

        configuration.Put(ControlStatus, 1, 0x0B);
        function.Registers[ControlStatus, 2] = 0;

        configuration.Get(ControlStatus, 4).Should().Be(0x0A0B);
    }

    [Fact]
    public void Under_the_RFC_each_hardware_access_in_low_power_is_guarded()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);
        configuration.Put(ControlStatus, 1, 0x03);
        function.Log.Clear();

        configuration.Get(PciRegisters.ClassRevision, 4);

        function.Log.Should().Equal("begin user", "begin hardware", "read 8/4", "end hardware", "end user");
    }

    [Theory]
    [InlineData(0x00, 4)]
    [InlineData(0x10, 4)]
    [InlineData(0x3C, 1)]
    [InlineData(Start + 1, 1)]
    [InlineData(ControlStatus + 3, 1)]
    public void Under_the_RFC_wholly_virtual_reads_touch_no_hardware(int offset, int width)
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);
        configuration.Put(ControlStatus, 1, 0x03);
        function.Log.Clear();

        configuration.Get(offset, width);

        function.Log.Should().Equal("begin user", "end user");
    }

    [Fact]
    public void Under_the_RFC_a_failing_access_is_balanced()
    {
        FakeFunction function = Function();
        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);
        configuration.Put(ControlStatus, 1, 0x03);
        function.Log.Clear();

        configuration.Read(0x1000, new UserMemory(4)).Now().Should().Be(-Errno.EFAULT);

        function.Log.Should().Equal("begin user", "end user");
    }

    [Fact]
    public void Close_is_told_once_that_low_power_was_asked_for()
    {
        VirtualConfiguration configuration = Function().Open(ConfigurationRules.RfcV1);
        configuration.Put(ControlStatus, 1, 0x03);

        configuration.ForgetLowPower().Should().BeTrue();
        configuration.ForgetLowPower().Should().BeFalse();
    }

    // PME from D0, D3hot and D3cold; No_Soft_Reset.
    private static FakeFunction Function() =>
        new FakeFunction().With(Start, CapabilityId.PowerManagement, 0x23, 0xC8, 0x08, 0x00, 0x00, 0x00);
}
