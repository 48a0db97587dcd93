namespace VfioPm.Tests;

// Functions of one image, and forks, have bytes in common until one of them changes them.
public sealed class SpaceBytesTests
{
    private const int Dword = 0x140 / 4;
    private const int Another = 0x200 / 4;

    private static byte[] Counting { get; } = [.. Enumerable.Range(0, PciRegisters.ExtendedSize).Select(static i => (byte)(i / 4))];

    [Theory]
    [InlineData(PciRegisters.Command / 4)]
    [InlineData(Dword)]
    public void What_one_changes_the_other_keeps_and_a_third_that_is_copied_from_it_has(int dword)
    {
        var first = new SpaceBytes(Counting);
        var second = new SpaceBytes(ref first);
        first.WriteDword(dword, 0x1234_5678).Should().BeTrue();
        var third = new SpaceBytes(ref first);
        first.WriteDword(dword, 0x9abc_def0);

        first.ReadDword(dword).Should().Be(0x9abc_def0);
        second.ToArray().Should().Equal(Counting);
        third.ReadDword(dword).Should().Be(0x1234_5678);
    }

    [Theory]
    [InlineData(PciRegisters.Command / 4)]
    [InlineData(Dword)]
    public void Those_that_hold_the_same_again_are_the_same_state_however_they_came_there(int dword)
    {
        var bytes = new SpaceBytes(Counting);
        ulong before = HashOf(ref bytes);
        bytes.WriteDword(Another, 1);
        bytes.WriteDword(dword, 2);
        ulong changed = HashOf(ref bytes);
        bytes.WriteDword(Another, new SpaceBytes(Counting).ReadDword(Another));
        ulong oneChanged = HashOf(ref bytes);
        bytes.WriteDword(dword, new SpaceBytes(Counting).ReadDword(dword));

        HashOf(ref bytes).Should().Be(before);
        bytes.WriteDword(dword, 2);
        HashOf(ref bytes).Should().Be(oneChanged).And.NotBe(before).And.NotBe(changed);
        bytes.WriteDword(Another, 1);
        HashOf(ref bytes).Should().Be(changed).And.NotBe(before);
    }

    [Fact]
    public void Many_dwords_may_change_in_any_order()
    {
        var bytes = new SpaceBytes(Counting);
        byte[] expected = [.. Counting];
        int[] offsets = [.. Enumerable.Range(0, PciRegisters.ExtendedSize).Where(static i => i % 7 == 0).OrderBy(static i => i * 31 % 97)];
        foreach (int offset in offsets)
        {
            bytes.WriteByte(offset, 0xa5);
            expected[offset] = 0xa5;
        }

        bytes.ToArray().Should().Equal(expected);
    }

    [Fact]
    public void Functions_that_hold_the_same_when_they_are_opened_have_it_in_common()
    {
        var common = new CommonArrays();
        common.For<byte>(Counting).Should().BeSameAs(common.For<byte>([.. Counting])).And.NotBeSameAs(Counting);
        common.For<byte>([1]).Should().Equal(1);
    }

    [Fact]
    public void What_differs_in_each_is_not_kept_for_ever()
    {
        var common = new CommonArrays();
        byte[][] all = [.. Enumerable.Range(0, 100).Select(i => common.For<byte>([(byte)i, 1]))];
        byte[] late = all[^1];
        common.For<byte>(late).Should().NotBeSameAs(common.For<byte>(late));
        common.For<byte>([0, 1]).Should().BeSameAs(common.For<byte>([0, 1]));
    }

    private static ulong HashOf(ref SpaceBytes bytes)
    {
        StateHash hash = StateHash.Empty;
        bytes.AddTo(ref hash);
        return hash.Value;
    }
}
