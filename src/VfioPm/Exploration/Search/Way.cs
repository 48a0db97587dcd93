namespace VfioPm;

/// <summary>The choices that led to a state, the last one first.</summary>
/// <param name="Earlier">Those before, or null for the first.</param>
/// <param name="Choice">The last one.</param>
internal sealed record Way(Way? Earlier, Choice Choice)
{
    public static IReadOnlyList<Choice> ToList(Way? way)
    {
        List<Choice> choices = [];
        for (; way is not null; way = way.Earlier)
        {
            choices.Add(way.Choice);
        }

        choices.Reverse();
        return choices;
    }
}
