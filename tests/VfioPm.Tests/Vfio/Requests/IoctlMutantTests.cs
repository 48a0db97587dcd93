namespace VfioPm.Tests;

/// <summary>
/// Whatever bytes a user hands to <c>ioctl()</c>, he gets a number, and the device can be closed and opened after that: many
/// arguments that were changed at random, to every request and to some that there are not.
/// </summary>
public sealed class IoctlMutantTests
{
    private const int Seed = 15;

    private static readonly uint[][] Sound =
    [
        [16, 0, 0, 0],
        [32, 0, 0, 0, 0, 0, 0, 0],
        [32, 0, 7, 0, 0, 0, 0, 0],
        [16, 0, 1, 0],
        [20, 0x21, 0, 0, 1],
        [21, 0x22, 0, 0, 1, 1],
        [24, 0x24, 2, 0, 1, 0],
        [20, 0x21, 1, 0, 0],
        [12, 0, 0, 0],
        [12, 0, 1, 0],
        [40, 4, 0x10, 0, 0, 0, 0, 0, 0, 0],
        [8, 3 | (1 << 17)],
        [16, 4 | (1 << 17), 0, 0],
        [24, 0 | (1 << 17), 1, 2, 3, 4],
        [8, 5 | (1 << 17)],
        [8, 3 | (1 << 18)],
        [8, 5 | (1 << 16)],
    ];

    [Theory]
    [InlineData("pre-rfc")]
    [InlineData("rfc-v1")]
    [InlineData("linux-5.10")]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void Every_one_is_answered_and_the_device_is_whole(string profile)
    {
        uint[] known = [.. Enum.GetValues<VfioIoctl>().Select(static request => (uint)request)];
        int succeeded = 0;
        int times = LongRun.Times(2000);
        int unused = UsageAfterClose(new OpenNic(KernelProfile.Parse(profile)));
        OpenNic? nic = null;
        for (int number = 0; number < times; number++)
        {
            nic ??= new OpenNic(KernelProfile.Parse(profile));
            Mutator mutator = new(Seed, number);
            uint request = mutator.Pick(known);
            request = number % 16 == 0 ? request ^ (1u << (number / 16 % 32)) : request;
            byte[] argument = mutator.Mutate(Argument.Of(mutator.Pick(Sound)));
            KernelResult result = default;

            FluentActions.Invoking(() => result = nic.File.Ioctl(request, argument))
                .Should().NotThrow("mutant {0} is {1:x} with {2}", number, request, Convert.ToHexString(argument));

            succeeded += result.IsError ? 0 : 1;
            if (number % 100 == 99)
            {
                UsageAfterClose(nic).Should().Be(unused, "mutants up to {0} took nothing for good", number);
                nic = null;
            }
        }

        nic?.Dispose();
        succeeded.Should().BeInRange(times / 20, times, "an attacker that is always refused attacks nothing");
    }

    private static int UsageAfterClose(OpenNic nic)
    {
        using (nic)
        {
            nic.File.Close();
            nic.Host.Clock.Advance(TimeSpan.FromSeconds(5));
            int usage = nic.Nic.UsageCount;
            nic.File.Device.TryOpen(out _).Should().Be(KernelResult.Success);
            return usage;
        }
    }
}
