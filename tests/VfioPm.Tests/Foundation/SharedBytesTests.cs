namespace VfioPm.Tests;

/// <summary>Bytes that forks share until one of them changes them.</summary>
public sealed class SharedBytesTests
{
    [Fact]
    public void Who_changes_them_changes_his_own_only()
    {
        byte[] image = [1, 2];
        SharedBytes first = SharedBytes.Of(image);
        first.Change()[0] = 9;
        SharedBytes second = new(ref first);

        second.Change()[1] = 8;
        first.Change()[0] = 7;

        image.Should().Equal(1, 2);
        first.All.ToArray().Should().Equal(7, 2);
        second.All.ToArray().Should().Equal(9, 8);
    }

    /// <summary>A hot path: only the first change copies.</summary>
    [Fact]
    public void Who_has_them_alone_changes_them_where_they_are()
    {
        SharedBytes original = new([1, 2]);
        SharedBytes mine = new(ref original);
        mine.Change()[0] = 9;

        Span<byte> before = mine.Change();
        Span<byte> after = mine.Change();

        (before == after).Should().BeTrue();
        original.All.ToArray().Should().Equal(1, 2);
    }

    [Fact]
    public void They_count_for_the_hash_as_they_are_now()
    {
        SharedBytes bytes = new([1, 2]);
        ulong before = StateHashes.Of(bytes.AddTo);

        bytes.Change()[1] = 3;

        StateHashes.Of(bytes.AddTo).Should().NotBe(before).And.Be(StateHashes.Of(new SharedBytes([1, 3]).AddTo));
    }
}
