using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>What holds whatever a guest does, on every kernel.</summary>
public sealed class GuestPropertyTests
{
    private static readonly FsCheck.Config Repeatable =
        FsCheck.Config.QuickThrowOnFailure
            .WithMaxTest(60)
            .WithEndSize(30)
            .WithReplay(20211115, 1)
            .WithQuietOnSuccess(true);

    private static readonly HardwareBehavior[] BrokenSilicon =
    [
        new() { SilenceAfterPowerOn = HardwareBehavior.Forever },
        new() { SilenceAfterPowerOn = TimeSpan.FromSeconds(3) },
        new() { SilenceAfterD3Hot = HardwareBehavior.Forever },
        new() { IgnoresD3Hot = true },
        new() { LosesLinkWithPower = true },
    ];

    public static TheoryData<string> Profiles => [.. KernelProfile.All.Select(profile => profile.Name)];

    /// <summary>Those that hide PME from the user.</summary>
    public static TheoryData<string> ProfilesWithoutPme => ["rfc-v1", "linux-6.1", "linux-6.12", "linux-7.3"];

    // PCI Local Bus 3.0, section 6.1: what is read-only is the silicon's own.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void No_read_only_bit_of_the_hardware_changes(string profile) => ForAll(profile, (machine, file, steps) =>
    {
        ConfigurationSpace space = machine.Nic.Hardware.Configuration;
        byte[] before = space.ToArray();

        Do(machine.Host, file, steps);

        byte[] after = space.ToArray();
        for (int offset = 0; offset < space.Size; offset++)
        {
            int changed = (before[offset] ^ after[offset]) & space.Layout.ReadOnlyAt(offset);
            changed.Should().Be(0, "offset 0x{0:x} is read-only there", offset);
        }
    });

    // Two functions that differ in nothing but bits that are virtual to the user.
    [Theory]
    [MemberData(nameof(ProfilesWithoutPme))]
    public void No_virtual_bit_of_the_hardware_is_shown(string profile) => ForAll(profile, (machine, file, steps) =>
    {
        Machine twin = new(KernelProfile.Parse(profile), image: Machine.WithPme());
        VfioDeviceFile twinFile = twin.Open();
        FlipVirtualBits(twin.Nic.Hardware);

        foreach (GuestStep step in steps.Where(step => step.Action != GuestAction.HostReads))
        {
            step.Do(twin.Host, twinFile).Should().Be(step.Do(machine.Host, file), "of {0}", step);
        }

        ReadAll(twinFile).Should().Equal(ReadAll(file));
    });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Closing_leaves_the_usage_counts_where_they_were(string profile)
    {
        Machine unused = new(KernelProfile.Parse(profile), image: Machine.WithPme());
        unused.Bind();
        unused.Settle();
        ForAll(profile, (machine, file, steps) =>
        {
            Do(machine.Host, file, steps);

            file.Close();
            machine.Settle();

            machine.Nic.UsageCount.Should().Be(unused.Nic.UsageCount);
            machine.Port.UsageCount.Should().Be(unused.Port.UsageCount);
        });
    }

    // However the silicon misbehaves, and whatever that makes the calls return.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void Closing_a_broken_device_leaves_its_usage_count_where_it_was(string profile)
    {
        foreach (HardwareBehavior broken in BrokenSilicon)
        {
            Prop.ForAll(GuestStep.Sequences, steps =>
            {
                Machine machine = new(KernelProfile.Parse(profile), nic: broken, port: broken);
                VfioPciDevice bound = machine.Bind();
                machine.Settle();
                int before = machine.Nic.UsageCount;
                VfioDeviceFile file = bound.Open();

                Do(machine.Host, file, steps);
                file.Close();
                machine.Settle();

                machine.Nic.UsageCount.Should().Be(before, "of {0}", broken);
            }).Check(Repeatable.WithMaxTest(10));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_sleep_that_the_user_did_not_ask_for_changes_nothing_that_is_virtual(string profile) =>
        ForAll(profile, (machine, file, steps) =>
        {
            Do(machine.Host, file, steps);
            byte[] before = ReadVirtual(machine, file);

            machine.Settle();
            machine.Nic.HostConfig.Read(0, new byte[4]);
            machine.Settle();

            ReadVirtual(machine, file).Should().Equal(before);
        });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_fork_and_its_original_go_on_alike(string profile) => ForAll(profile, (machine, file, steps) =>
    {
        int middle = steps.Length / 2;
        Do(machine.Host, file, steps[..middle]);
        SimulatedHost fork = machine.Host.Fork();
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());

        string[] forked = Do(fork, fork.VfioPci.Devices[0].Files[0], steps[middle..]);

        Do(machine.Host, file, steps[middle..]).Should().Equal(forked);
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
    });

    private static void ForAll(string profile, Action<Machine, VfioDeviceFile, GuestStep[]> holds) =>
        Prop.ForAll(GuestStep.Sequences, steps =>
        {
            Machine machine = new(KernelProfile.Parse(profile), image: Machine.WithPme());
            holds(machine, machine.Open(), steps);
        }).Check(Repeatable);

    private static string[] Do(SimulatedHost host, VfioDeviceFile file, IEnumerable<GuestStep> steps) =>
        [.. steps.Select(step => step.Do(host, file))];

    private static byte[] ReadAll(VfioDeviceFile file)
    {
        byte[] bytes = new byte[PciRegisters.ExtendedSize];
        file.Config.TryRead(0, bytes).Value.Should().Be(bytes.Length);
        return bytes;
    }

    /// <summary>
    /// What vfio-pci keeps in its copy: ids, BARs, interrupt line and pin, PMC, and under the RFC the state in PMCSR.
    /// Later kernels let the guest read the real one, which is D0 after a sleep that the user permitted in D3hot.
    /// </summary>
    private static byte[] ReadVirtual(Machine machine, VfioDeviceFile file)
    {
        byte[] all = ReadAll(file);
        bool hasState = machine.Host.Profile == KernelProfile.RfcV1;
        return
        [
            .. all[..4],
            .. all[PciRegisters.BaseAddress0..(PciRegisters.RomAddress + 4)],
            all[PciRegisters.InterruptLine],
            all[PciRegisters.InterruptPin],
            .. all[machine.Pm..(machine.Pm + PmRegisters.ControlStatus)],
            (byte)(hasState ? all[machine.Pmcsr] & PmRegisters.StateMask : 0),
        ];
    }

    /// <summary>Bits that the hardware has and the user does not see: of BARs, interrupt line, PMCSR and MSI.</summary>
    private static void FlipVirtualBits(PciFunction function)
    {
        int msi = function.Capabilities.Find(CapabilityId.Msi)!.Value.Offset;
        Flip(function, PciRegisters.InterruptLine, 1, 0xff);
        Flip(function, function.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable);
        Flip(function, msi + 4, 4, 0xffff_fffc);
        Flip(function, PciRegisters.BaseAddress0, 4, 0x0100_0000);
    }

    private static void Flip(PciFunction function, int offset, int width, uint bits) =>
        function.WriteConfig(offset, width, function.ReadConfig(offset, width) ^ bits);
}
