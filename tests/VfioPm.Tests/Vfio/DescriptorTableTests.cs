namespace VfioPm.Tests;

// fs/file.c
public sealed class DescriptorTableTests : IDisposable
{
    private readonly SimulatedHost _host = new();

    private DescriptorTable Table => _host.VfioPci.Descriptors;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_file_gets_the_lowest_free_number_behind_the_three_that_every_process_has()
    {
        Table.Install(new EventFd()).Should().Be(3);
        Table.Install(new EventFd()).Should().Be(4);
        Table.Close(3).Should().Be(KernelResult.Success);
        Table.Install(new VfioGroup(1)).Should().Be(3);
        Table.Install(FileDescriptor.OtherFile).Should().Be(5);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public void What_has_no_file_cannot_be_closed(int number)
    {
        Table.Install(new EventFd());

        Table.Close(number).Errno.Should().Be(Errno.EBADF);
    }

    [Fact]
    public void What_is_not_open_has_no_number()
    {
        var closed = new EventFd();
        closed.Close();

        Table.Invoking(table => table.Install(FileDescriptor.None)).Should().Throw<ArgumentException>();
        Table.Invoking(table => table.Install(FileDescriptor.Closed)).Should().Throw<ArgumentException>();
        Table.Invoking(table => table.Install(closed)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void What_a_number_means_is_state()
    {
        ulong before = _host.ComputeStateHash();
        int number = Table.Install(new EventFd());
        SimulatedHost copy = _host.Fork();

        _host.ComputeStateHash().Should().NotBe(before).And.Be(copy.ComputeStateHash());
        Table.Close(number);
        copy.VfioPci.Descriptors.Close(number).Should().Be(KernelResult.Success, "the copy has its own");
    }
}
