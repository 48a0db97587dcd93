namespace VfioPm.Tests;

/// <summary>What has nothing in common, and what that spares: orders between such parts are not told apart.</summary>
public sealed class SeparatePartsTests
{
    private const string Port = "0000:00:03.0";
    private const string OtherPort = "0000:00:04.0";
    private const string Card = "0000:01:00.0";
    private const string OtherCard = "0000:02:00.0";

    [Fact]
    public void What_is_below_two_root_ports_has_nothing_in_common()
    {
        MachineParts parts = SeparateParts.Of(StandardTopology.Parse("g-cold").Make(KernelProfile.Linux6_1));

        parts.Last.Should().Be(2);
        parts.PartOf(Card).Should().Be(parts.PartOf(Port)).And.NotBe(parts.PartOf(OtherPort));
        parts.PartOf(OtherCard).Should().Be(parts.PartOf(OtherPort));
        parts.PartOf("0000:7f:00.0").Should().Be(MachineParts.None, "what comes later may have to do with all of them");
    }

    [Theory]
    [InlineData("f")]
    [InlineData("sw-cold")]
    [InlineData("sriov")]
    public void What_is_below_one_root_port_is_one(string topology) =>
        SeparateParts.Of(StandardTopology.Parse(topology).Make(KernelProfile.Linux6_1)).Last.Should().Be(1);

    [Fact]
    public void A_shared_power_resource_makes_one_of_two()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        var shared = new PowerResource("LPWR");
        host.AddRootPort(Port, setup => setup.WithPowerResource(shared));
        host.AddRootPort(OtherPort, setup => setup.WithPowerResource(shared));

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void A_shared_interrupt_line_makes_one_of_two()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        host.AddEndpoint("0000:00:05.0", setup: static setup => setup.WithInterruptLine(11));
        host.AddEndpoint("0000:00:06.0", setup: static setup => setup.WithInterruptLine(11));

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void A_shared_IOMMU_group_makes_one_of_two()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        host.AddEndpoint("0000:00:05.0", setup: static setup => setup.WithIommuGroup(7));
        host.AddEndpoint("0000:00:06.0", setup: static setup => setup.WithIommuGroup(7));

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void Functions_of_one_slot_are_reset_together_and_are_one()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        host.AddEndpoint("0000:00:05.0");
        host.AddEndpoint("0000:00:05.1");

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void Who_resumes_another_before_itself_is_one_with_it()
    {
        using SimulatedHost host = StandardTopology.Parse("g").Make(KernelProfile.Linux6_1);
        host[Card].RuntimePm.AddSupplier(host[OtherCard].RuntimePm);

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void Three_parts_become_one_where_the_last_shares_something_with_each()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        host.AddEndpoint("0000:00:05.0", setup: static setup => setup.WithIommuGroup(7));
        host.AddEndpoint("0000:00:06.0", setup: static setup => setup.WithInterruptLine(11));
        SeparateParts.Of(host).Last.Should().Be(2);

        host.AddEndpoint("0000:00:07.0", setup: static setup => setup.WithIommuGroup(7).WithInterruptLine(11));

        SeparateParts.Of(host).Last.Should().Be(1);
    }

    [Fact]
    public void A_guest_makes_one_of_all()
    {
        using SimulatedHost host = StandardTopology.Parse("g").Make(KernelProfile.Linux6_1);
        host.Boot(host.VfioPci.Devices[0].Open());

        SeparateParts.Of(host).Should().Be(MachineParts.Whole);
    }

    // The states are those of all orders, each told apart, and so is what breaks: only that it is the same state is seen.
    [Theory]
    [InlineData("rfc-v1", "g-cold", 3)]
    [InlineData("linux-6.1", "g-cold", 3)]
    [InlineData("linux-6.1", "g", 4)]
    [InlineData("linux-7.3", "g-cold", 3)]
    public void Fewer_states_are_looked_at_and_nothing_is_missed(string profile, string topology, int depth)
    {
        using SimulatedHost host = StandardTopology.Parse(topology).Make(KernelProfile.Parse(profile));
        var all = new ReachedStates(host, depth, toldApart: true);
        var reduced = new ReachedStates(host, depth, toldApart: false);

        reduced.States.Should().BeEquivalentTo(all.States);
        reduced.Broken.Should().BeEquivalentTo(all.Broken);
        reduced.Looked.Should().BeLessThan(all.Looked * 4 / 5);
    }

    /// <summary>All that the standard crowd reaches by so many choices.</summary>
    private sealed class ReachedStates
    {
        private readonly MachineParts _parts;
        private readonly HashSet<ulong> _looked = [];

        /// <param name="host">Where it begins.</param>
        /// <param name="depth">How many choices.</param>
        /// <param name="toldApart">Whether states are told apart by an order between parts that have nothing in common.</param>
        public ReachedStates(SimulatedHost host, int depth, bool toldApart)
        {
            Exploration crowd = Exploration.Of(host).WithStandardCrowd().Always(Rules.All);
            List<Branch> frontier = [crowd.Begin(crowd.Plan, isTraced: false, preemptions: 0)];
            _parts = frontier[0].Host.Clock.Parts;
            for (int choices = 0; choices < depth; choices++)
            {
                frontier = [.. frontier.SelectMany(branch => Beyond(branch, toldApart))];
            }
        }

        public HashSet<ulong> States { get; } = [];

        public HashSet<(int Rule, string How)> Broken { get; } = [];

        public int Looked => _looked.Count;

        private IEnumerable<Branch> Beyond(Branch branch, bool toldApart)
        {
            foreach (Choice choice in branch.FindChoices().ToArray())
            {
                Branch next = branch.Fork();
                next.Take(choice);
                Broken.UnionWith(next.Broken);
                States.Add(next.ComputeHash());
                next.Host.Clock.Parts = toldApart ? MachineParts.Whole : _parts;
                bool isNew = _looked.Add(next.ComputeHash());
                next.Host.Clock.Parts = _parts;
                if (isNew)
                {
                    yield return next;
                }
            }
        }
    }
}
