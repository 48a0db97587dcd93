namespace VfioPm.Tests;

public sealed class ChainTests
{
    private readonly Chain<Link> _chain = new();

    [Fact]
    public void Links_come_in_the_order_in_which_they_were_put_there()
    {
        Link[] links = Fill(3);

        Listed().Should().Equal(links);
        Backwards().Should().Equal(links.Reverse());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void One_that_is_taken_out_leaves_the_others_as_they_are(int place)
    {
        Link[] links = Fill(3);
        Link[] others = [.. links.Where((_, other) => other != place)];

        _chain.Remove(links[place]);

        Listed().Should().Equal(others);
        Backwards().Should().Equal(others.Reverse());
        _chain.Add(links[place]);
        Listed().Should().Equal([.. others, links[place]]);
    }

    [Fact]
    public void The_last_leaves_nothing()
    {
        Link only = Fill(1)[0];

        _chain.Remove(only);

        Listed().Should().BeEmpty();
        Backwards().Should().BeEmpty();
    }

    private Link[] Fill(int count)
    {
        Link[] links = [.. Enumerable.Range(0, count).Select(static _ => new Link())];
        Array.ForEach(links, _chain.Add);
        return links;
    }

    private List<Link> Listed()
    {
        List<Link> listed = [];
        foreach (Link link in _chain)
        {
            listed.Add(link);
        }

        return listed;
    }

    private List<Link> Backwards()
    {
        List<Link> listed = [];
        for (Link? link = _chain.Last; link is not null; link = Chain<Link>.Before(link))
        {
            listed.Add(link);
        }

        return listed;
    }

    private sealed class Link : ILinked<Link>
    {
        public Link? Previous { get; set; }

        public Link? Next { get; set; }
    }
}
