namespace VfioPm.Tests;

/// <summary>What a user passes to a call into the kernel, and gets from it.</summary>
public sealed class UserMemoryTests
{
    [Fact]
    public void It_is_one_little_endian_number()
    {
        UserMemory memory = new(0x34, 0x12);
        memory.Value.Should().Be(0x1234);

        memory.Value = 0xabcd;

        memory.Bytes.ToArray().Should().Equal(0xcd, 0xab);
    }

    [Fact]
    public void It_has_no_negative_length()
    {
        Action none = static () => _ = new UserMemory(-1);

        none.Should().Throw<ArgumentOutOfRangeException>();
        new UserMemory(0).Length.Should().Be(0);
    }

    [Theory]
    [InlineData(0, true, new byte[] { 1, 2, 9, 9 })]
    [InlineData(2, true, new byte[] { 9, 9, 1, 2 })]
    [InlineData(3, false, new byte[] { 9, 9, 9, 1 })]
    [InlineData(4, false, new byte[] { 9, 9, 9, 9 })]
    [InlineData(5, false, new byte[] { 9, 9, 9, 9 })]
    public void As_much_is_copied_there_as_there_is_memory_for(int offset, bool isAll, byte[] bytes)
    {
        UserMemory memory = new(9, 9, 9, 9);

        memory.TryCopyTo<byte>(offset, [1, 2]).Should().Be(isAll);

        memory.Bytes.ToArray().Should().Equal(bytes);
    }

    [Fact]
    public void Of_a_structure_only_so_much_is_copied_there()
    {
        UserMemory memory = new(9, 9, 9, 9);

        memory.TryCopyTo(1, 0x04030201, length: 2).Should().BeTrue();

        memory.Bytes.ToArray().Should().Equal(9, 1, 2, 9);
    }

    [Fact]
    public void Half_a_structure_cannot_be_copied_from_there()
    {
        new UserMemory(1, 2).TryCopyFrom(out ushort whole).Should().BeTrue();
        whole.Should().Be(0x0201);
        new UserMemory(1, 2).TryCopyFrom(out uint _).Should().BeFalse();
    }

    [Fact]
    public void That_of_a_call_that_is_over_is_used_again_as_if_it_were_new()
    {
        Kernel kernel = new RuntimePmCore().Kernel;
        UserMemory first = kernel.RentMemory(4);
        first.Value = 0xdeadbeef;
        kernel.Return(first);

        UserMemory second = kernel.RentMemory(8);

        second.Should().BeSameAs(first, "there was room for more");
        second.Bytes.ToArray().Should().Equal(new byte[8]);
        kernel.RentMemory(4).Should().NotBeSameAs(first, "it is in use");
    }

    [Fact]
    public void Where_it_has_too_little_room_there_is_new()
    {
        Kernel kernel = new RuntimePmCore().Kernel;
        UserMemory large = kernel.RentMemory(100);
        kernel.Return(large);

        kernel.RentMemory(101).Should().NotBeSameAs(large);

        kernel.Return(large);
        kernel.RentMemory(100).Should().BeSameAs(large, "that is just enough");
    }
}
