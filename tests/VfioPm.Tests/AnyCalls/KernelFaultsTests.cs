using VfioPm.AnyCalls;

namespace VfioPm.Tests;

/// <summary>What a kernel itself breaks is excused where that was done which breaks it.</summary>
public sealed class KernelFaultsTests
{
    /// <summary><c>pci_bus_unlock()</c> unlocks who is on the bus by then.</summary>
    [Fact]
    public void Who_waits_for_the_lock_of_a_function_that_left_its_bus_while_that_was_reset_waits_for_ever()
    {
        StandardTopology below = StandardTopology.All.Single(static topology => topology.Name == "c-cold");
        Citizens citizens = new(below.Make(KernelProfile.PreRfc), below.Name);
        VfioPciDevice device = citizens.Bound!;
        device.Pci.Sysfs.BeginWrite("remove", "1");
        device.BeginUnbind();
        citizens.RunNext();
        device.Pci.Upstream!.Sysfs.BeginWrite("reset_subordinate", "1");

        citizens.Advance(TimeSpan.FromMinutes(1));

        citizens.Host.Kernel.Threads.Should().ContainSingle().Which.WaitsFor.Should().Be($"device_lock of {device.Pci.Name}");
        citizens.Broken.Should().BeEmpty();
    }
}
