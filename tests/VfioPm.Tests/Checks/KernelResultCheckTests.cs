namespace VfioPm.Tests;

/// <summary>What is said of a call's number, and of a call that has none yet.</summary>
public sealed class KernelResultCheckTests
{
    [Fact]
    public void A_call_that_is_under_way_has_neither_succeeded_nor_failed_nor_returned_another_number()
    {
        KernelResultCheck.Succeeded(null).Look().Holds.Should().BeFalse();
        KernelResultCheck.FailedWith(null, Errno.EIO).Look().Holds.Should().BeFalse();
        KernelResultCheck.Is(null, KernelResult.Success).Look().Holds.Should().BeFalse();
        KernelResultCheck.IsNot(null, KernelResult.Success).Look().Holds.Should().BeFalse();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(-5, false)]
    public void A_count_is_a_success_and_an_error_is_none(int value, bool succeeded)
    {
        var result = new KernelResult(value);

        KernelResultCheck.Succeeded(result).Look().Holds.Should().Be(succeeded);
        KernelResultCheck.FailedWith(result, Errno.EIO).Look().Holds.Should().Be(!succeeded);
        KernelResultCheck.IsNot(result, new KernelResult(4)).Look().Holds.Should().Be(value != 4);
    }

    [Fact]
    public void A_number_that_is_no_error_of_the_kernel_is_told_all_the_same()
    {
        const Errno unknown = (Errno)4000;

        KernelResultCheck.Succeeded(new KernelResult(-4000)).Look().ToString().Should().Contain("no error of these calls");
        SysfsResultCheck.Succeeded(new SysfsResult(null, unknown)).Look().ToString().Should().Contain("no error of these calls");
    }
}
