namespace VfioPm.Tests;

/// <summary>What a kernel function holds where it waits: a fork has to copy it, and a hash to tell it apart.</summary>
public sealed class FrameLocalTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_list_of_its_own_cannot_be_copied_or_hashed_where_a_function_waits_and_is_named()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        using (KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic"))
        {
            entry.Start(HoldList(nic, [1]));
        }

        const string Place = "FrameLocalTests.HoldList holds a List`1 (\"list\") where it waits, which cannot be ";
        _core.Invoking(static core => core.Fork()).Should().Throw<InvalidOperationException>()
            .WithMessage(Place + "copied into a fork.");
        _core.Invoking(HashOf).Should().Throw<InvalidOperationException>().WithMessage(Place + "hashed.");
    }

    [Fact]
    public void Records_of_numbers_and_objects_of_the_model_are_copied_and_count()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        UserMemory memory = new(1, 2, 3);
        Begin(_core, new Held(nic, 1, null), memory);
        RuntimePmCore fork = _core.Fork();
        ulong before = HashOf(_core);
        HashOf(fork).Should().Be(before);

        memory.Span[0] = 9;
        HashOf(_core).Should().NotBe(before, "the user's memory is part of it");
        HashOf(fork).Should().Be(before, "the fork has its own");

        fork.Devices[0].WakeWaiters();
        fork.Clock.RunPending();
        fork.Devices[0].UsageCount.Should().Be(1 + 1, "the record led to the fork's device, and the memory was as it had been");
        nic.UsageCount.Should().Be(0);
    }

    [Fact]
    public void The_place_of_one_among_others_is_asked_each_time()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        var file = new Placed { Index = 1 };
        using (KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic"))
        {
            entry.Start(HoldPlaced(nic, file));
        }

        ulong before = HashOf(_core);
        file.Index = 0;

        HashOf(_core).Should().NotBe(before);
    }

    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(RuntimeStatus), true)]
    [InlineData(typeof(TimeSpan), true)]
    [InlineData(typeof(Guid), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(Cause), true)]
    [InlineData(typeof(Cause?), true)]
    [InlineData(typeof(RuntimePmDevice), true)]
    [InlineData(typeof(KernelWait), true)]
    [InlineData(typeof(ReturnedCall), true)]
    [InlineData(typeof(Held), true)]
    [InlineData(typeof(KeyValuePair<int, int[]>), false)]
    [InlineData(typeof(int[]), false)]
    [InlineData(typeof(List<int>), false)]
    [InlineData(typeof(RuntimePmCore), false)]
    [InlineData(typeof(object), false)]
    public void Numbers_texts_records_of_those_and_objects_of_the_model_can_be_copied(Type type, bool canBe) =>
        FrameFields.CanFork(type, "local").Should().Be(canBe);

    [Fact]
    public void Each_local_counts_for_the_hash()
    {
        Numbers none = default;
        Numbers[] others =
        [
            none, none with { Text = "x" }, none with { Time = TimeSpan.FromTicks(1) }, none with { Large = 1UL << 63 }, none with { Flag = true },
            none with { SByte = -1 }, none with { Byte = 1 }, none with { Short = 1 }, none with { UShort = 1 }, none with { Int = 1 },
            none with { UInt = 1 }, none with { Long = 1 }, none with { Status = RuntimeStatus.Resuming },
            none with { Call = new ReturnedCall(_core.Clock, "nic", null) },
        ];

        others.Select(HashWith).Should().OnlyHaveUniqueItems();
        others.Select(HashWith).Should().Equal(others.Select(HashWith));

        static ulong HashWith(Numbers numbers)
        {
            RuntimePmCore core = new();
            RuntimePmDevice nic = core.AddActive("nic");
            using (KernelEntry entry = KernelEntry.Begin(core.Kernel, "nic"))
            {
                entry.Start(HoldNumbers(nic, numbers));
            }

            return HashOf(core);
        }
    }

    [Fact]
    public void Objects_and_lists_of_the_compilers_own_are_told_by_their_names()
    {
        FrameFields.CanFork(typeof(object), "<>u__1").Should().BeTrue();
        FrameFields.CanFork(typeof(List<int>), "<list>5__1").Should().BeFalse();
    }

    private static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.AddTo);

    private static void Begin(RuntimePmCore core, Held held, UserMemory memory)
    {
        using KernelEntry entry = KernelEntry.Begin(core.Kernel, "nic");
        entry.Start(HoldRecord(core.Devices[0], held, memory));
    }

    private static async KernelCall<int> HoldList(RuntimePmDevice device, List<int> list)
    {
        await device.Change();
        return list.Count;
    }

    private static async KernelCall<int> HoldNumbers(RuntimePmDevice device, Numbers numbers)
    {
        await device.Change();
        return numbers.Int;
    }

    private static async KernelCall<int> HoldPlaced(RuntimePmDevice device, IPlaced one)
    {
        await device.Change();
        return one.Index;
    }

    private static async KernelCall<int> HoldRecord(RuntimePmDevice device, Held held, UserMemory memory)
    {
        await device.Change();
        held.Device.UsageCount += held.Number + memory.Bytes[0];
        return held.Text is null ? 0 : 1;
    }

    private sealed class Placed : IPlaced
    {
        public int Index { get; set; }

        public IForkable Fork(ForkContext fork) => new Placed { Index = Index };
    }

    private readonly record struct Held(RuntimePmDevice Device, int Number, string? Text);

    private readonly record struct Numbers(
        string? Text, TimeSpan Time, ulong Large, bool Flag, sbyte SByte, byte Byte, short Short, ushort UShort, int Int, uint UInt, long Long,
        RuntimeStatus Status, ReturnedCall? Call);
}
