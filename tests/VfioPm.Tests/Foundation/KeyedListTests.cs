namespace VfioPm.Tests;

public sealed class KeyedListTests
{
    private readonly KeyedList<int, Item> _list = new(static item => item.Key);

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    public void Those_with_a_key_are_found_in_the_order_of_adding_however_many_there_are(int count)
    {
        Item[] items = [.. Enumerable.Range(0, count).Select(number => new Item(number % 3, number))];
        Array.ForEach(items, _list.Add);
        Item late = new(1, count);

        // Before it comes, so that what was found once follows what comes and goes.
        Found(1).Should().Equal(items.Where(item => item.Key == 1));
        _list.Add(late);
        _list.Remove(items[1]).Should().BeTrue();

        Found(1).Should().Equal([.. items.Where(item => item.Key == 1).Skip(1), late]);
        Found(7).Should().BeEmpty();
        _list.All.Should().Equal([.. items.Where(item => item.Number != 1), late]);
    }

    [Fact]
    public void Whoever_goes_through_it_goes_through_what_there_was()
    {
        _list.Add(new Item(0, 0));
        List<int> seen = [];

        foreach (Item item in _list.All)
        {
            seen.Add(item.Number);
            _list.Add(new Item(0, 1));
            _list.Remove(item);
        }

        seen.Should().Equal(0);
        _list.All.Select(item => item.Number).Should().Equal(1);
    }

    private IEnumerable<Item> Found(int key) => _list.With(key).Where(item => item.Key == key);

    private sealed record Item(int Key, int Number) : IForkable
    {
        public IForkable Fork(ForkContext fork) => this;
    }
}
