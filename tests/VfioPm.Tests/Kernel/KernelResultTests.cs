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
    public void What_was_read_of_an_attribute_ends_with_its_line_if_there_is_anything()
    {
        SysfsResult text = "auto";
        SysfsResult error = Errno.EIO;

        (text.Text, text.Length, text.IsError, text.ToString()).Should().Be(("auto", 5, false, "auto"));
        (error.Text, error.Length, error.IsError, error.ToString()).Should().Be((null, 0, true, "-EIO"));
        (SysfsResult.Nothing.Text, SysfsResult.Nothing.Length, SysfsResult.Nothing.IsError).Should().Be(("", 0, false));
        new[] { error, (SysfsResult)"on", (SysfsResult)"" }.Should().NotContain(text);
        (text == "auto", error == Errno.EIO, error == Errno.EACCES).Should().Be((true, true, false));
        text.GetHashCode().Should().Be(((SysfsResult)"auto").GetHashCode());
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
