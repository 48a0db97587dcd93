namespace VfioPm.Tests;

public sealed class CapabilityRegisterTests
{
    private const int Start = 0x40;

    [Fact]
    public void Message_control_reaches_the_hardware_as_far_as_the_ioctl_allows()
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.Msi, new byte[8]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 2, 2, 0x0031);
        function.Registers[Start + 2, 2].Should().Be(0, "MSI is not enabled, and no vectors are set up");

        function.IsMsiEnabled = true;
        function.MsiQueueSize = 2;
        configuration.Put(Start + 2, 2, 0x0031);
        function.Registers[Start + 2, 2].Should().Be(0x0021);
        configuration.Get(Start + 2, 2).Should().Be(0x0021);
    }

    // vfio_msi_config_write(): "offset + count >= PCI_MSI_FLAGS", so a word that ends before the control word counts.
    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 2, true)]
    [InlineData(0, 4, true)]
    [InlineData(1, 1, true)]
    [InlineData(3, 1, false)]
    public void Message_control_is_written_with_whatever_touches_it(int offset, int width, bool isWritten)
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.Msi, new byte[8]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + offset, width, 0);

        function.Log.Contains("write 42/2 0").Should().Be(isWritten);
    }

    [Fact]
    public void Message_addresses_are_virtual_and_mask_bits_are_not()
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.Msi, 0x80, 0x01);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 8, 4, 0x11);
        configuration.Put(Start + 0x10, 4, 0x22);

        function.Registers[Start + 8, 4].Should().Be(0);
        function.Registers[Start + 0x10, 4].Should().Be(0x22);
        configuration.Get(Start + 8, 4).Should().Be(0x11);
    }

    [Theory]
    [InlineData(0x1000_0000, true)]
    [InlineData(0x0000_0000, false)]
    public void A_function_level_reset_becomes_the_kernels_where_the_function_has_one(uint capabilities, bool isReset)
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.Express, 0x02, 0x00);
        function.Registers[Start + 4, 4] = capabilities;
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 8, 2, 0x8000).Should().Be(2);

        configuration.Get(Start + 8, 2).Should().Be(0);
        function.Log.Contains("reset").Should().Be(isReset);
        if (isReset)
        {
            function.Log.Should().ContainInOrder("zap and lock", "reset", "unlock");
        }
    }

    [Theory]
    [InlineData(0x03, true)]
    [InlineData(0x02, false)]
    public void Advanced_features_reset_wants_transactions_pending_too(byte capabilities, bool isReset)
    {
        FakeFunction function =
            new FakeFunction().With(Start, CapabilityId.AdvancedFeatures, 0x06, capabilities, 0x00, 0x00);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 4, 1, 0x01);

        configuration.Get(Start + 4, 1).Should().Be(0);
        function.Log.Contains("reset").Should().Be(isReset);
    }

    [Theory]
    [InlineData(0x04, 0xfe)]
    [InlineData(0x05, 0x01)]
    public void Advanced_Features_reset_nothing_unless_it_is_asked_for(int offset, uint value)
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.AdvancedFeatures, 0x06, 0x03, 0x00, 0x00);

        function.Open().Put(Start + offset, 1, value).Should().Be(1);

        function.Log.Should().NotContain("reset");
    }

    // pcie_set_readrq() with the function's payload size as the floor.
    [Theory]
    [InlineData(0x0000, 0x5000, 0x5000)]
    [InlineData(0x0040, 0x1000, 0x2040)]
    [InlineData(0x0000, 0x6000, 0x0000)]
    public void A_read_request_size_is_at_least_the_payload_size(ushort physical, ushort written, ushort expected)
    {
        FakeFunction function = new FakeFunction().With(Start, CapabilityId.Express, 0x02, 0x00);
        function.Registers[Start + 8, 2] = physical;
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 8, 2, (uint)(written | 0x00A0));

        (function.Registers[Start + 8, 2] & 0x70E0).Should().Be(expected);
        configuration.Get(Start + 8, 2).Should().Be((uint)(written | 0x00A0), "the user sees what was written");
    }

    [Fact]
    public void Vital_product_data_is_read_when_the_flag_byte_is_written()
    {
        FakeFunction function = new FakeFunction { VpdData = 0xCAFE }.With(Start, 0x03, new byte[6]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 2, 1, 0x04);
        configuration.Get(Start + 4, 4).Should().Be(0, "the flag's byte was not written");
        configuration.Put(Start + 2, 2, 0x0004);

        configuration.Get(Start + 2, 2).Should().Be(0x8004);
        configuration.Get(Start + 4, 4).Should().Be(0xCAFE);
    }

    [Fact]
    public void Vital_product_data_that_cannot_be_accessed_never_completes()
    {
        FakeFunction function = new FakeFunction().With(Start, 0x03, new byte[6]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 2, 2, 0x0004);
        configuration.Get(Start + 2, 2).Should().Be(0x0004);
        configuration.Put(Start + 2, 2, 0x8004);
        configuration.Get(Start + 2, 2).Should().Be(0x8004);
    }

    [Fact]
    public void Written_vital_product_data_reaches_the_kernel()
    {
        FakeFunction function = new FakeFunction { VpdData = 0 }.With(Start, 0x03, new byte[6]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(Start + 4, 4, 0xBEEF);
        configuration.Put(Start + 2, 2, 0x8010);

        function.Log.Should().Contain("VPD 10 = beef");
        configuration.Get(Start + 2, 2).Should().Be(0x0010);
    }

    [Fact]
    public void Error_registers_take_only_defined_bits()
    {
        FakeFunction function = new FakeFunction(PciRegisters.ExtendedSize)
            .With(Start, CapabilityId.Express, 0x02, 0x00)
            .WithExtended(0x100, ExtendedCapabilityId.AdvancedErrorReporting, 0);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(0x100, 4, 0xFFFF_FFFF);
        configuration.Put(0x108, 4, 0xFFFF_FFFF);

        function.Registers[0x100, 4].Should().Be(0x0001_0001);
        function.Registers[0x108, 4].Should().Be(0x03FF_F031);
    }
}
