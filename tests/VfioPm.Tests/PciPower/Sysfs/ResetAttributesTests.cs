namespace VfioPm.Tests;

/// <summary><c>reset</c> and <c>reset_method</c> (<c>reset_method_store()</c>).</summary>
public sealed class ResetAttributesTests
{
    public static TheoryData<string> Kernels => new("linux-6.1", "linux-6.12", "linux-7.3");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_method_store_takes_methods_in_the_order_in_which_they_are_to_be_tried(string kernel)
    {
        (_, PciDevice nic) = Machine(kernel);

        nic.Sysfs.Write("reset_method", " bus  pm\n").Should().Be(KernelResult.Success);

        nic.ResetMethods.Methods.Should().Equal(ResetMethod.Bus, ResetMethod.Pm);
        nic.Sysfs.Read("reset_method").Text.Should().Be("bus pm");
    }

    [Theory]
    [InlineData("flr", "the adapter has none")]
    [InlineData("pm nonsense", "there is no such method")]
    [InlineData("pm,bus", "a comma separates nothing")]
    [InlineData("pm\tbus", "a tab separates nothing")]
    [InlineData("pm \t bus", "a word may be empty")]
    [InlineData("Pm", "capitals are others")]
    [InlineData("pm pm pm pm pm pm pm pm", "these are too many")]
    public void reset_method_store_refuses_what_cannot_be_used_and_changes_nothing(string value, string because)
    {
        foreach (string kernel in Kernels.Select(static row => row.Data))
        {
            (_, PciDevice nic) = Machine(kernel);

            nic.Sysfs.Write("reset_method", value).Errno.Should().Be(Errno.EINVAL, because);

            nic.Sysfs.Read("reset_method").Text.Should().Be("pm bus");
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_method_store_takes_white_space_around_a_word_and_nothing_after_a_NUL(string kernel)
    {
        (_, PciDevice nic) = Machine(kernel);

        nic.Sysfs.Write("reset_method", "\tbus\n pm\0nonsense").Should().Succeed();

        nic.Sysfs.Read("reset_method").Text.Should().Be("bus pm");
        nic.Sysfs.Write("reset_method", " ").Should().Succeed();
        nic.Sysfs.Read("reset_method").Text.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_method_store_says_what_it_minds(string kernel)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(kernel), loggerFactory: log);
        PciDevice drive = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", Resettable);
        string most = string.Join(' ', Enumerable.Repeat("flr", kernel == "linux-6.1" ? 7 : 8));

        drive.Sysfs.Write("reset_method", "flr nonsense");
        drive.Sysfs.Write("reset_method", "af_flr");
        drive.Sysfs.Write("reset_method", most);
        drive.Sysfs.Write("reset_method", "device_specific");
        drive.Sysfs.Write("reset_method", "flr");
        drive.Sysfs.Write("reset_method", "\n");

        log.Lines.Should().Equal(
            "Error 0000:01:00.0: Invalid reset method 'nonsense'",
            "Error 0000:01:00.0: Unsupported reset method 'af_flr'",
            "Error 0000:01:00.0: Too many reset methods",
            "Warning 0000:01:00.0: Device-specific reset disabled/de-prioritized by user",
            "Warning 0000:01:00.0: All device reset methods disabled by user");
    }

    [Fact]
    public void Later_kernels_take_one_method_more()
    {
        string six = string.Join(' ', Enumerable.Repeat("pm", 6));

        Machine("linux-6.1").Nic.Sysfs.Write("reset_method", six).Should().Be(KernelResult.Success);
        Machine("linux-6.1").Nic.Sysfs.Write("reset_method", $"{six} pm").Errno.Should().Be(Errno.EINVAL);
        Machine("linux-6.12").Nic.Sysfs.Write("reset_method", $"{six} pm").Should().Be(KernelResult.Success);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Without_methods_there_is_nothing_to_be_read_and_no_reset(string kernel)
    {
        (_, PciDevice nic) = Machine(kernel);

        nic.Sysfs.Write("reset_method", "\n").Should().Be(KernelResult.Success);

        nic.Sysfs.Read("reset_method").Text.Should().BeEmpty();
        nic.Sysfs.Read("reset_method").Length.Should().Be(0);
        nic.Sysfs.Write("reset", "1").Errno.Should().Be(Errno.ENOTTY);

        nic.Sysfs.Write("reset_method", "default").Should().Be(KernelResult.Success);
        nic.Sysfs.Read("reset_method").Text.Should().Be("pm bus");
    }

    [Theory]
    [InlineData("linux-6.1", "bus")]
    [InlineData("linux-6.12", "bus")]
    [InlineData("linux-7.3", "pm bus")]
    public void Before_7_3_who_asks_for_the_default_of_a_function_below_a_dark_port_does_not_find_pm(
        string kernel, string found)
    {
        (SimulatedHost host, PciDevice nic) = Machine(kernel);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.PowerState.Should().Be(PowerState.D3Cold);

        nic.Sysfs.Write("reset_method", "default").Should().Be(KernelResult.Success);

        nic.Sysfs.Read("reset_method").Text.Should().Be(found);
    }

    [Fact]
    public void From_7_3_on_the_function_is_woken_for_names_and_not_for_none()
    {
        (SimulatedHost host, PciDevice nic) = Machine("linux-7.3");
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Trace.Clear();

        nic.Sysfs.Write("reset_method", "");
        Resumes().Should().BeEmpty();

        nic.Sysfs.Write("reset_method", "pm");
        Resumes().Should().StartWith("rpm_resume 0000:01:00.0 flags-14 cnt-1 ");
        nic.UsageCount.Should().Be(0);

        string Resumes() => string.Join('\n', host.Trace.Entries
            .Where(static entry => entry.Kind == TraceKind.Rpm)
            .Select(static entry => entry.Rpm.ToString()));
    }

    // reset_store(): pm_runtime_get_sync() and pm_runtime_put().
    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_store_lets_the_function_sleep_again(string kernel)
    {
        (SimulatedHost host, PciDevice nic) = Machine(kernel);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        nic.Sysfs.Write("reset", "1").Should().Succeed();

        nic.UsageCount.Should().Be(0);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
    }

    // reset_method came with 5.15, for functions that can be reset.
    [Theory]
    [InlineData("linux-5.10", true, false)]
    [InlineData("linux-6.1", true, true)]
    [InlineData("linux-6.1", false, false)]
    public void reset_method_is_there_for_functions_with_a_method_since_5_15(string kernel, bool canBeReset, bool isThere)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(3, canBeReset ? (ushort)0 : PmRegisters.NoSoftReset));

        nic.Sysfs.Read("reset").Error.Should().Be(canBeReset ? Errno.EACCES : Errno.ENOENT);
        nic.Sysfs.Read("reset_method").Error.Should().Be(isThere ? null : Errno.ENOENT);
    }

    // The warning is for who had a reset of its own, and has it no more at first.
    [Fact]
    public void reset_method_store_does_not_warn_of_a_reset_of_its_own_that_comes_first()
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux6_12, loggerFactory: log);
        PciDevice drive = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", Resettable);

        drive.Sysfs.Write("reset_method", "device_specific flr").Should().Succeed();
        log.Lines.Should().BeEmpty();
        drive.Sysfs.Write("reset_method", "flr device_specific").Should().Succeed();
        log.Lines.Should().Equal("Warning 0000:01:00.0: Device-specific reset disabled/de-prioritized by user");
    }

    /// <summary>A drive with a reset of its own, and a function level reset.</summary>
    private static DeviceImage Resettable
    {
        get
        {
            byte[] bytes = DeviceImages.Nvme.Bytes.ToArray();
            bytes[DeviceImages.Nvme.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceCapabilities + 3] |= 0x10;
            return DeviceImages.Nvme.WithBytes(bytes).WithIdentity(0x8086, 0x0953);
        }
    }

    private static (SimulatedHost Host, PciDevice Nic) Machine(string kernel)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        PciDevice port = host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        return (host, port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E));
    }
}
