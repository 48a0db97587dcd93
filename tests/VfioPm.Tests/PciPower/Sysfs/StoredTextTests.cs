namespace VfioPm.Tests;

/// <summary>What each attribute takes of what is written to it, attribute by attribute, as the kernel's functions read it.</summary>
public sealed class StoredTextTests
{
    // kstrtoul(…, 0, …): its base is said by the number; one line's end is allowed, and a NUL ends it.
    private static readonly string[] Zeros = ["0", "0x0\n", "00", "+0", "0\0x"];
    private static readonly string[] Ones = ["1", "1\n", "0x1", "0X1\n", "01", "+1", "1\0junk", "1\n\0"];
    private static readonly string[] Larger = ["2", "010", "0xFF", "18446744073709551615"];
    private static readonly string[] NoNumbers =
        ["", "\n", " ", " 1", "1 ", "1\n\n", "\t1", "-1", "+-1", "++1", "0x", "0xg", "08", "1a", "yes", "on", "18446744073709551616", "1.0"];

    private const int CacheLineSize = 0x0c;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void d3cold_allowed_store_reads_a_number(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "d3cold_allowed", [.. Ones, .. Larger], () => nic.D3ColdAllowed.Should().BeTrue());
        Takes(nic, "d3cold_allowed", Zeros, () => nic.D3ColdAllowed.Should().BeFalse());
        Refuses(nic, "d3cold_allowed", NoNumbers);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void enable_store_reads_a_number_before_it_asks_for_a_driver(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "enable", [.. Ones, .. Larger], () => nic.Sysfs.Write("enable", "0").Should().Succeed());
        nic.Sysfs.Write("enable", "0").Should().FailWith(Errno.EIO, "it is not enabled");
        Refuses(nic, "enable", NoNumbers);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void msi_bus_store_reads_a_number(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "msi_bus", Zeros, () => nic.Sysfs.Read("msi_bus").Text.Should().Be("0"));
        Takes(nic, "msi_bus", [.. Ones, .. Larger], () => nic.Sysfs.Read("msi_bus").Text.Should().Be("1"));
        Refuses(nic, "msi_bus", NoNumbers);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_store_takes_one_and_nothing_else(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "reset", Ones, () => { });
        Refuses(nic, "reset", [.. NoNumbers, .. Zeros, .. Larger]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void remove_store_and_dev_rescan_store_and_reset_subordinate_store_do_nothing_for_zero(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "remove", Zeros, () => nic.Bus.Find(nic.Address).Should().BeSameAs(nic));
        Refuses(nic, "remove", NoNumbers);
        Takes(nic, "rescan", [.. Zeros, .. Ones, .. Larger], () => { });
        Refuses(nic, "rescan", NoNumbers);
        nic.Hardware.WriteConfig(CacheLineSize, 1, 0x10);
        Takes(nic.Upstream!, "reset_subordinate", Zeros, () => nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x10));
        Refuses(nic.Upstream!, "reset_subordinate", NoNumbers);
    }

    // sysfs_streq(): the very word.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void control_store_takes_two_words(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "power/control", ["auto", "auto\n", "auto\0\0"], () => nic.Sysfs.Read("power/control").Text.Should().Be("auto"));
        Takes(nic, "power/control", ["on", "on\n", "on\0ly"], () => nic.Sysfs.Read("power/control").Text.Should().Be("on"));
        Refuses(nic, "power/control", ["", "ON", " on", "on ", "on\n\n", "off", "1", "automatic"]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void wakeup_store_and_async_store_take_two_words(string profile)
    {
        PciDevice nic = Nic(profile);
        foreach (string attribute in (string[])["power/wakeup", "power/async"])
        {
            Takes(nic, attribute, ["disabled", "disabled\n"], () => nic.Sysfs.Read(attribute).Text.Should().Be("disabled"));
            Takes(nic, attribute, ["enabled", "enabled\n", "enabled\0"], () => nic.Sysfs.Read(attribute).Text.Should().Be("enabled"));
            Refuses(nic, attribute, ["", "1", "0", "enable", "Enabled", "enabled ", " enabled", "on"]);
        }
    }

    // kstrtol(…, 10, …), of which an int is left.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void autosuspend_delay_ms_store_reads_a_decimal_number_of_32_bits(string profile)
    {
        PciDevice port = Nic(profile).Upstream!;
        Takes(port, "power/autosuspend_delay_ms", ["100", "100\n", "+100", "0100", "100\0"],
            () => port.Sysfs.Read("power/autosuspend_delay_ms").Text.Should().Be("100"));
        Takes(port, "power/autosuspend_delay_ms", ["-1", "-01\n"],
            () => port.Sysfs.Read("power/autosuspend_delay_ms").Text.Should().Be("-1"));
        Takes(port, "power/autosuspend_delay_ms", ["2147483647", "-2147483648"], () => { });
        Refuses(port, "power/autosuspend_delay_ms",
            ["", "\n", " 1", "1 ", "0x64", "--1", "-+1", "+-1", "-", "2147483648", "-2147483649", "9223372036854775808", "1\n\n"]);
        Nic(profile).Sysfs.Write("power/autosuspend_delay_ms", "x").Should().FailWith(Errno.EIO, "it does not autosuspend");
    }

    // The first line, whatever it is; nothing, or a line's end, takes it back.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void driver_override_store_takes_a_line(string profile)
    {
        PciDevice nic = Nic(profile);
        Takes(nic, "driver_override", ["vfio-pci", "vfio-pci\n", "vfio-pci\nxyz", "vfio-pci\0x"], () => nic.DriverOverride.Should().Be("vfio-pci"));
        Takes(nic, "driver_override", [" vfio-pci "], () => nic.DriverOverride.Should().Be(" vfio-pci "));
        Takes(nic, "driver_override", ["", "\n", "\0vfio-pci", "\nvfio-pci"], () => nic.DriverOverride.Should().BeNull());
        Takes(nic, "driver_override", [new string('x', 4094)], () => nic.DriverOverride.Should().HaveLength(4094));
        Refuses(nic, "driver_override", [new string('x', 4095), "x" + new string('\0', 4094)]);
    }

    [Theory]
    [InlineData("linux-6.1", "device_lock of 0000:01:00.0")]
    [InlineData("linux-6.12", null)]
    [InlineData("linux-7.3", null)]
    public void driver_override_store_waits_for_who_holds_the_function_until_it_had_a_lock_of_its_own(string profile, string? waitsFor)
    {
        PciDevice nic = Nic(profile);
        nic.TryLock().Should().BeTrue();
        nic.Sysfs.BeginWrite("driver_override", "vfio-pci").WaitsFor.Should().Be(waitsFor);
        nic.Sysfs.BeginRead("driver_override", new UserMemory(64)).WaitsFor.Should().Be(waitsFor);
        nic.Unlock();
        nic.Kernel.Clock.RunPending();
        nic.DriverOverride.Should().Be("vfio-pci");
    }

    // kstrtobool(): by its first letters; 7.3 knows enable and disable.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void sriov_drivers_autoprobe_store_reads_yes_or_no(string profile, bool knowsEnable)
    {
        PciDevice pf = PhysicalFunction(profile);
        Takes(pf, "sriov_drivers_autoprobe", ["0", "n", "No", "f", "off", "OF", "0x1", "0\n"], () => Autoprobe().Should().Be("0"));
        Takes(pf, "sriov_drivers_autoprobe", ["1", "y", "Yes", "t", "on", "oN", "10", "1\n"], () => Autoprobe().Should().Be("1"));
        Refuses(pf, "sriov_drivers_autoprobe", ["", "\n", "2", "o", " 1", "x"]);
        pf.Sysfs.Write("sriov_drivers_autoprobe", "disable").IsError.Should().Be(!knowsEnable);
        Autoprobe().Should().Be(knowsEnable ? "0" : "1");
        pf.Sysfs.Write("sriov_drivers_autoprobe", "Enabled").IsError.Should().Be(!knowsEnable);
        Autoprobe().Should().Be("1");

        string? Autoprobe() => pf.Sysfs.Read("sriov_drivers_autoprobe").Text;
    }

    // kstrtou16(…, 0, …).
    [Theory]
    [MemberData(nameof(Kernels))]
    public void sriov_numvfs_store_reads_a_number_of_16_bits(string profile)
    {
        PciDevice pf = PhysicalFunction(profile);
        Takes(pf, "sriov_numvfs", Zeros, () => { });
        pf.Sysfs.Write("sriov_numvfs", "0xffff").Should().FailWith(Errno.ERANGE, "there are not so many");
        Refuses(pf, "sriov_numvfs", [.. NoNumbers, "65536"]);
    }

    // sscanf("%x %x …"): hexadecimal with or without 0x, up to what is none.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void new_id_store_and_remove_id_store_read_hexadecimal_numbers_up_to_what_is_none(string profile)
    {
        string[] same = ["8086 10d3", "0x8086 0x10D3\n", "  8086\t10d3 xyz", "8086 10d3xyz", "108086 10d3\0 1"];
        foreach (string text in same)
        {
            PciDevice nic = Nic(profile);
            PciSysfs bus = ((PciTopology)nic.Bus).Sysfs;
            bool isOther = text.StartsWith("10", StringComparison.Ordinal);
            bus.Write("drivers/vfio-pci/new_id", text).Should().Succeed();
            nic.Driver.Should().Match<PciDriver?>(driver => driver == null == isOther, text);
            bus.Write("drivers/vfio-pci/new_id", text).Should().FailWith(Errno.EEXIST);
            bus.Write("drivers/vfio-pci/remove_id", text).Should().Succeed();
            bus.Write("drivers/vfio-pci/remove_id", text).Should().FailWith(Errno.ENODEV);
        }

        PciSysfs refused = ((PciTopology)Nic(profile).Bus).Sysfs;
        foreach (string text in (string[])["", "8086", "8086:10d3", "8086,10d3", "x 10d3", "-8086 10d3"])
        {
            refused.Write("drivers/vfio-pci/new_id", text).Should().FailWith(Errno.EINVAL);
            refused.Write("drivers/vfio-pci/remove_id", text).Should().FailWith(Errno.EINVAL);
        }
    }

    // Who says all seven numbers is not asked whether the driver has such functions already; who says less is, by what covers him.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void new_id_store_refuses_what_another_one_covers_unless_all_is_said(string profile)
    {
        PciSysfs bus = ((PciTopology)Nic(profile).Bus).Sysfs;
        bus.Write("drivers/vfio-pci/new_id", "8086 1234").Should().Succeed();
        bus.Write("drivers/vfio-pci/new_id", "8086 1234 8086 1").Should().FailWith(Errno.EEXIST);
        bus.Write("drivers/vfio-pci/new_id", "8086 1234 8086 1 0 0 0").Should().Succeed();
        bus.Write("drivers/vfio-pci/new_id", "8086 ffffffff").Should().Succeed("one is not covered by less");
    }

    private static PciDevice Nic(string profile) => new SimulatedHost(KernelProfile.Parse(profile))
        .AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.E1000E);

    private static PciDevice PhysicalFunction(string profile) =>
        new SriovMachine(KernelProfile.Parse(profile)).Physical;

    private static void Takes(PciDevice device, string attribute, string[] texts, Action then)
    {
        foreach (string text in texts)
        {
            device.Sysfs.Write(attribute, text).Should().Be(KernelResult.Success, "{0} takes \"{1}\"", attribute, text);
            then();
        }
    }

    private static void Refuses(PciDevice device, string attribute, string[] texts)
    {
        foreach (string text in texts)
        {
            device.Sysfs.Write(attribute, text).Should().Be((KernelResult)Errno.EINVAL, "{0} takes no \"{1}\"", attribute, text);
        }
    }
}
