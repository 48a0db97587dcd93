namespace VfioPm.Tests;

/// <summary>Flags that share a word, and what is lost where two threads write it at once.</summary>
public sealed class FlagWordTests
{
    private readonly RuntimePmCore _core = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_flag_is_set_and_cleared_by_itself(bool isPacked)
    {
        FlagWord word = AddWord(isPacked);

        Set(word, 0, true);
        Set(word, 1, true);
        (word[0], word[1], word[2]).Should().Be((true, true, false));

        Set(word, 0, false);
        (word[0], word[1], word[2]).Should().Be((false, true, false));
        _core.Kernel.LostUpdates.Should().BeEmpty();
    }

    [Fact]
    public void Each_flag_counts_for_the_hash()
    {
        FlagWord word = AddWord(isPacked: false);
        ulong before = HashOf(word);

        Set(word, 1, true);

        HashOf(word).Should().NotBe(before);
    }

    [Fact]
    public void Who_writes_a_shared_word_undoes_what_another_wrote_since_he_read_it_and_that_is_noted()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        FlagWord word = AddWord(isPacked: true);

        Begin(word, 0);
        Begin(word, 2);
        _core.Clock.RunPending();

        (word[0], word[1], word[2]).Should().Be((false, false, true));
        _core.Kernel.LostUpdates.Should().Equal("first of nic");
    }

    [Fact]
    public void Flags_with_places_of_their_own_undo_nothing()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        FlagWord word = AddWord(isPacked: false);

        Begin(word, 0);
        Begin(word, 2);
        _core.Clock.RunPending();

        (word[0], word[1], word[2]).Should().Be((true, false, true));
        _core.Kernel.LostUpdates.Should().BeEmpty();
    }

    [Fact]
    public void Two_who_write_the_same_flag_lose_nothing()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        FlagWord word = AddWord(isPacked: true);

        Begin(word, 1);
        Begin(word, 1);
        _core.Clock.RunPending();

        word[1].Should().BeTrue();
        _core.Kernel.LostUpdates.Should().BeEmpty();
    }

    [Fact]
    public void Which_word_a_thread_is_about_to_write_counts_for_the_hash()
    {
        HashWith(0).Should().NotBe(HashWith(1));

        static ulong HashWith(int index)
        {
            RuntimePmCore core = new();
            core.Kernel.Scheduler = new PreemptsEverywhere();
            FlagWord word = new(core.Kernel, "nic", index, ["first"], isPacked: true);
            using (KernelEntry entry = KernelEntry.Begin(core.Kernel, "nic"))
            {
                entry.Start(Set(word, 0));
            }

            return StateHashes.Of(core.Kernel.AddTo);
        }
    }

    private FlagWord AddWord(bool isPacked) => new(_core.Kernel, "nic", 0, ["first", "second", "third"], isPacked);

    private void Set(FlagWord word, int flag, bool value)
    {
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, "nic");
        entry.Run(word.Set(flag, value));
    }

    private void Begin(FlagWord word, int flag)
    {
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic");
        entry.Start(Set(word, flag));
    }

    private static async KernelCall<int> Set(FlagWord word, int flag)
    {
        await word.Set(flag, true);
        return 0;
    }

    private static ulong HashOf(FlagWord word) => StateHashes.Of(word.AddTo);
}
