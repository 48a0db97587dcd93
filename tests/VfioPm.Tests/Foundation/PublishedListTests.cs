namespace VfioPm.Tests;

/// <summary>Lists that the public looks at while they change.</summary>
public sealed class PublishedListTests
{
    private readonly PublishedList<string> _list = ["a", "b", "c"];

    [Fact]
    public void Who_goes_through_it_goes_through_what_there_was_when_he_began()
    {
        List<string> seen = [];
        foreach (string item in (IEnumerable<string>)_list)
        {
            seen.Add(item);
            _list.Remove("b");
            _list.Add(item);
        }

        seen.Should().Equal("a", "b", "c");
        _list.Should().Equal("a", "c", "a", "c");
    }

    [Fact]
    public void There_is_nothing_behind_its_end() =>
        _list.Invoking(static list => list[3]).Should().Throw<ArgumentOutOfRangeException>().WithMessage("There are 3.*");

    [Fact]
    public void What_is_taken_out_was_there()
    {
        (_list.Remove("a"), _list.Remove("x"), _list.Remove("c"), _list.Remove("c")).Should().Be((true, false, true, false));

        _list.Should().Equal("b");
        _list.RemoveAll(static item => item == "b");
        _list.Should().BeEmpty();
    }

    [Fact]
    public void Items_come_behind_those_that_are_there()
    {
        PublishedList<string> empty = [];
        string[] items = ["d", "e"];
        empty.AddRange(items);
        _list.AddRange(items);

        empty.Should().Equal("d", "e");
        _list.Should().Equal("a", "b", "c", "d", "e");
    }

    [Fact]
    public void No_stranger_changes_it()
    {
        ICollection<string> stranger = _list;

        stranger.IsReadOnly.Should().BeTrue();
        stranger.Invoking(static list => list.Add("d")).Should().Throw<NotSupportedException>();
        stranger.Invoking(static list => list.Clear()).Should().Throw<NotSupportedException>();
        stranger.Invoking(static list => list.Remove("a")).Should().Throw<NotSupportedException>();
    }
}
