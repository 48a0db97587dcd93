namespace VfioPm.Tests;

public sealed class KernelResultTests
{
    [Fact]
    public void An_error_is_a_negative_number_with_a_name()
    {
        KernelResult result = Errno.EACCES;

        result.Value.Should().Be(-13);
        result.IsError.Should().BeTrue();
        result.Errno.Should().Be(Errno.EACCES);
        result.ToString().Should().Be("-EACCES");
    }

    [Fact]
    public void A_count_is_no_error()
    {
        KernelResult result = 1;

        result.IsError.Should().BeFalse();
        result.Errno.Should().BeNull();
        result.ToString().Should().Be("1");
    }

    [Fact]
    public void An_error_without_a_name_is_shown_as_its_number() =>
        new KernelResult(-524).ToString().Should().Be("-524");

    [Fact]
    public void Functions_of_the_kernel_return_the_same_number()
    {
        (-Errno.EACCES).Should().Be(-13);
        new KernelResult(-Errno.EACCES).Should().Be(Errno.EACCES);
    }
}
