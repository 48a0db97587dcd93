using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// An operation of recordings and scenarios: which fields of its event are answers, what it cannot be tried without, and
/// how the model gives the answers.
/// </summary>
/// <param name="Answers">The names of the fields that the kernel filled.</param>
/// <param name="Obstacle">What is missing to try it (<see cref="Needs"/>), or null.</param>
/// <param name="Perform">Does it, and returns those of the answers that apply.</param>
internal sealed record VfioOperation(
    string[] Answers,
    Func<VfioMachine, JsonObject, string?> Obstacle,
    Func<VfioMachine, JsonObject, JsonObject> Perform)
{
    /// <summary>The field of an event that says how long its call took, in milliseconds.</summary>
    public const string Took = "took";

    /// <summary>A time in the format's unit, to the microsecond.</summary>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    /// <summary>Whether it is a call, which takes a time of its own.</summary>
    public bool IsCall { get; init; } = true;

    /// <summary>What is in the way of who is alone, and would wait for himself.</summary>
    public Func<VfioMachine, JsonObject, string?> ObstacleAlone { get; init; } = Needs.Nothing;

    /// <summary>Begins it, for who lets others do something meanwhile; null where it does not wait.</summary>
    public Func<VfioMachine, JsonObject, BegunCall?> Begin { get; init; } = static (_, _) => null;

    /// <summary>What the recorder does behind it, which is not part of the call.</summary>
    public Action<VfioMachine, JsonObject> Afterwards { get; init; } = static (_, _) => { };

    /// <summary>Does it, and what the recorder does behind it.</summary>
    public PlayedCall Play(VfioMachine machine, JsonObject asked)
    {
        VirtualClock clock = machine.Host.Clock;
        TimeSpan begun = clock.Now;
        JsonObject answers = Answer(machine, asked);
        TimeSpan took = clock.Now - begun;
        Afterwards(machine, asked);
        return new PlayedCall(this, asked, answers, took, clock.Now - begun);
    }

    /// <summary>Adds to an event what was asked, and the answers.</summary>
    public JsonObject Fill(JsonObject played, JsonObject asked, JsonObject answers)
    {
        foreach ((string field, JsonNode? value) in asked)
        {
            if (!Answers.Contains(field) && !played.ContainsKey(field))
            {
                played[field] = value?.DeepClone();
            }
        }

        foreach ((string field, JsonNode? value) in answers)
        {
            played[field] = value?.DeepClone();
        }

        return played;
    }

    /// <summary>What is in the way of who does it, and nothing else meanwhile, or null.</summary>
    public string? FindObstacle(VfioMachine machine, JsonObject asked) => Obstacle(machine, asked) ?? ObstacleAlone(machine, asked);

    /// <summary>What the model cannot do at all is an answer too, and one that no kernel gives.</summary>
    private JsonObject Answer(VfioMachine machine, JsonObject recorded)
    {
        if (FindObstacle(machine, recorded) is { } missing)
        {
            return new JsonObject { ["ret"] = missing };
        }

        try
        {
            return Perform(machine, recorded);
        }
        catch (InvalidOperationException impossible)
        {
            return new JsonObject { ["ret"] = impossible.Message };
        }
    }
}
