namespace VfioPm;

/// <summary>Who may do what, and what has to hold.</summary>
/// <param name="Actors">The actors, in the order in which they were named.</param>
/// <param name="Rules">The rules.</param>
internal sealed record Plan(IReadOnlyList<Actor> Actors, IReadOnlyList<Rule> Rules)
{
    /// <summary>What a choice of this name does, and who; null where it is none of an actor's.</summary>
    public (Actor Actor, ActorStep Step)? FindStep(string choice)
    {
        foreach (Actor actor in Actors)
        {
            foreach (ActorStep step in actor.Steps)
            {
                if (choice == $"{actor.Name}: {step.Name}")
                {
                    return (actor, step);
                }
            }
        }

        return null;
    }
}
