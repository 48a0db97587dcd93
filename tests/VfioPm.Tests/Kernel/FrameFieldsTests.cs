using System.Reflection;
using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>
/// What all kernel functions hold where they wait. As the compiler makes them when it optimizes: else it keeps more than they need.
/// </summary>
public sealed class FrameFieldsTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Fact]
    public void A_fork_can_copy_all_that_kernel_functions_hold()
    {
        List<Type> functions =
            [.. typeof(Kernel).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(IAsyncStateMachine)))];
        functions.Should().NotBeEmpty();
        functions.SelectMany(static function => function.GetFields(All))
            .Where(static field => !FrameFields.CanFork(field.FieldType, field.Name))
            .Select(static field => $"{field.DeclaringType} holds {field.Name}, a {field.FieldType}")
            .Should().BeEmpty();
    }

    [Fact]
    public void A_machine_that_is_a_class_is_another_in_a_fork_and_holds_the_forks_objects()
    {
        RuntimePmCore core = new();
        Machine machine = new() { Name = "x", Device = core.AddActive("nic"), Rule = MachineParts.Whole, Thrown = new NotImplementedException() };
        var context = new ForkContext();
        RuntimePmCore fork = context.Of(core);

        var copy = (Machine)FrameFields.Of(typeof(Machine)).Fork(machine, context);

        copy.Should().NotBeSameAs(machine);
        copy.Device.Should().BeSameAs(fork.Devices[0]);
        (machine.Device, copy.Name, copy.Rule, copy.Thrown).Should().Be((core.Devices[0], "x", machine.Rule, machine.Thrown));
    }

    [Fact]
    public void Which_local_it_is_and_of_which_kind_counts()
    {
        Machine[] machines =
        [
            new(),
            new() { Name = "x" },
            new() { Name = "y" },
            new() { Other = "x" },
            new() { Rule = MachineParts.Whole },
            new() { Rule = new AnotherRule() },
        ];

        machines.Select(HashOf).Should().OnlyHaveUniqueItems();
        FrameFields.Of(typeof(Machine)).Function.Should().Be("Machine");

        static ulong HashOf(Machine machine) => StateHashes.Of((ref hash) => FrameFields.Of(typeof(Machine)).AddTo(machine, ref hash));
    }

    [Fact]
    public void What_has_a_place_among_others_or_a_state_of_its_own_is_asked_again()
    {
        Stays(new Machine { Name = "x", Device = new RuntimePmCore().AddDevice("nic"), Rule = MachineParts.Whole, Thrown = new NotImplementedException() })
            .Should().BeTrue();
        Stays(new Machine { Memory = new UserMemory(1) }).Should().BeFalse();
        Stays(new Machine { Pair = new Pair(1, new UserMemory(1)) }).Should().BeFalse();
        Stays(new Machine { Pair = new Pair(1, null), Scope = default(LockScope) }).Should().BeTrue();
        Stays(new Machine { Place = new Placed() }).Should().BeFalse();

        static bool Stays(Machine machine)
        {
            StateHash hash = StateHash.Empty;
            return FrameFields.Of(typeof(Machine)).AddTo(machine, ref hash);
        }
    }

    /// <summary>As the compiler makes it where it does not optimize.</summary>
    private sealed class Machine
    {
        public string? Name { get; init; }

        public string? Other { get; init; }

        public RuntimePmDevice? Device { get; init; }

        public IUnchanging? Rule { get; init; }

        public UserMemory? Memory { get; init; }

        public IPlaced? Place { get; init; }

        public Pair Pair { get; init; }

        public LockScope Scope { get; init; }

        public Exception? Thrown { get; init; }
    }

    private readonly record struct Pair(int Number, UserMemory? Memory);

    private sealed class AnotherRule : IUnchanging;

    private sealed class Placed : IPlaced
    {
        public int Index => 0;

        public IForkable Fork(ForkContext fork) => new Placed();
    }
}
