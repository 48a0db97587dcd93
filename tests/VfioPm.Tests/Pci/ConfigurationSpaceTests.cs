using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests.Pci;

public class ConfigurationSpaceTests
{
    private static readonly Config Repeatable =
        Config.QuickThrowOnFailure.WithReplay(20211115, 1).WithQuietOnSuccess(true);

    private static readonly DeviceImage[] Images =
        [DeviceImages.RootPort, DeviceImages.E1000E, DeviceImages.Nvme];

    private static readonly Gen<(int Offset, int Width, uint Value)> Accesses =
        from width in Gen.Elements(1, 2, 4)
        from slot in Gen.Choose(0, (PciRegisters.ExtendedSize / width) - 1)
        from value in Gen.OneOf(Gen.Choose(int.MinValue, int.MaxValue), Gen.Constant(-1), Gen.Constant(0))
        select (slot * width, width, (uint)value);

    [Fact]
    public void Numbers_are_little_endian()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E);

        function.ReadConfig(0, 4).Should().Be(0x10d3_8086);
        function.ReadConfig(2, 2).Should().Be(0x10d3);
        function.ReadConfig(3, 1).Should().Be(0x10);
    }

    [Fact]
    public void Writes_of_several_bytes_are_little_endian_too()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.Nvme);

        function.WriteConfig(0x14, 4, 0x1234_5678);

        function.ReadConfig(0x14, 1).Should().Be(0x78);
        function.ReadConfig(0x16, 2).Should().Be(0x1234);
    }

    [Theory]
    [InlineData(2, 4, 0x0000_10d3u)]
    [InlineData(1, 2, 0xd380u)]
    [InlineData(3, 2, 0x0010u)]
    [InlineData(3, 4, 0x1000_0010u)]
    public void What_lies_across_two_registers_can_be_looked_at(int offset, int width, uint value)
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        (bytes[4], bytes[5], bytes[6]) = (0, 0, 0x10);

        PciFunction.Standalone(DeviceImages.E1000E.WithBytes(bytes)).Configuration.Read(offset, width).Should().Be(value);
    }

    [Fact]
    public void No_write_and_no_reset_changes_a_read_only_bit() =>
        Prop.ForAll(
            Arb.From(Gen.ListOf(Accesses)),
            Arb.From(Gen.Elements(Images)),
            (accesses, image) =>
            {
                PciFunction function = PciFunction.Standalone(image);
                foreach ((int offset, int width, uint value) in accesses)
                {
                    function.WriteConfig(offset, width, value);
                }

                function.Reset(ResetKind.Bus);
                function.SetPower(false);
                ConfigurationSpace space = function.Configuration;
                byte[] bytes = space.ToArray();
                return Enumerable.Range(0, space.Size).All(offset =>
                    ((bytes[offset] ^ image.Bytes.Span[offset]) & space.Layout.ReadOnlyAt(offset)) == 0);
            }).Check(Repeatable);

    [Fact]
    public void Writable_bits_read_back_what_was_written() =>
        Prop.ForAll(Arb.From(Accesses), Arb.From(Gen.Elements(Images)), (access, image) =>
        {
            // Straight into the space: a function acts on some of these bits.
            ConfigurationSpace space = PciFunction.Standalone(image).Configuration;
            space.Write(access.Offset, access.Width, access.Value);
            byte[] bytes = space.ToArray();
            return Enumerable.Range(0, access.Width).All(i =>
                ((bytes[access.Offset + i] ^ (byte)(access.Value >> (8 * i)))
                    & space.Layout.WritableAt(access.Offset + i)) == 0);
        }).Check(Repeatable);

    [Fact]
    public void Ones_clear_what_zeros_leave()
    {
        const int CorrectableStatus = 0x110;
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[CorrectableStatus] = 0xc1;
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E.WithBytes(bytes));

        function.WriteConfig(CorrectableStatus, 4, 0x41);

        function.ReadConfig(CorrectableStatus, 4).Should().Be(0x80);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(4096, 1)]
    [InlineData(4094, 4)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(0, 3)]
    [InlineData(0, 8)]
    public void An_access_that_cannot_exist_is_misuse(int offset, int width)
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E);

        FluentActions.Invoking(() => function.ReadConfig(offset, width)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => function.WriteConfig(offset, width, 0))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Behind_the_end_of_a_conventional_space_nothing_answers()
    {
        PciFunction function = PciFunction.Standalone(
            DeviceImage.FromConfigBytes(DeviceImages.E1000E.Bytes.Span[..256]));

        function.WriteConfig(0x100, 4, 0);

        function.ReadConfig(0x100, 4).Should().Be(0xffff_ffff);
    }

    [Fact]
    public void Accesses_allocate_nothing()
    {
        var silicon = new Silicon();
        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            silicon.SetState(PowerState.D3Hot);
            silicon.SetState(PowerState.D0);
            silicon.Command = PciRegisters.CommandMemory;
            _ = silicon.Endpoint.ReadBar(0, 0, 4);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Measure();

        Measure().Should().Be(0);
    }
}
