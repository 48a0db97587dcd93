using System.CommandLine;

namespace VfioPm.Cli;

/// <summary>The options of <c>vfio-pm explore</c>.</summary>
internal sealed class ExploreOptions
{
    // A day.
    private const int MostSeconds = 24 * 60 * 60;

    private static readonly ExplorationOptions Usual = new();

    private readonly Option<string> _profile = new("--profile")
    {
        Description = $"Which kernel: {string.Join(", ", KernelProfile.Known)}.",
        HelpName = "P",
        Required = true,
    };

    private readonly Option<string> _topology = new("--topology")
    {
        Description = $"Which machine: {string.Join(", ", StandardTopology.All)}.",
        HelpName = "T",
        DefaultValueFactory = _ => "b",
    };

    private readonly Option<string[]> _rules = new("--rule")
    {
        Description = "Only this rule; may be given several times.",
        HelpName = "ID",
    };

    private readonly Option<int> _depth = new("--depth")
    {
        Description = "How many choices, one after the other.",
        HelpName = "N",
        DefaultValueFactory = _ => Usual.Depth,
    };

    private readonly Option<int> _states = new("--states")
    {
        Description = "How many states at most.",
        HelpName = "N",
        DefaultValueFactory = _ => Usual.States,
    };

    private readonly Option<double?> _time = new("--time")
    {
        Description = "How many seconds at most.",
        HelpName = "S",
    };

    private readonly Option<int> _preemptions = new("--preemptions")
    {
        Description = "How often a thread may lose the processor although it could go on.",
        HelpName = "N",
        DefaultValueFactory = _ => Usual.Preemptions,
    };

    private readonly Option<bool> _unreliable = new("--unreliable")
    {
        Description = "Interrupts may come late or not at all, and cards fall silent.",
    };

    private readonly Option<string> _strategy = new("--strategy")
    {
        Description = $"One of {string.Join(", ", SearchStrategies.All)}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => Usual.Strategy.Name,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "What random choices are drawn from.",
        HelpName = "N",
    };

    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Only one part of n, i from 0 to n - 1; implies --json. \"vfio-pm explore merge\" puts the parts together.",
        HelpName = "i/n",
    };

    private readonly Option<string?> _schedule = new("--schedule")
    {
        Description = "Replay this order, instead of looking for one.",
        HelpName = "LINE",
    };

    private readonly Option<string?> _picture = PictureFile.CreateOption("Draw the first order in which a rule breaks into this file, too");

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public IEnumerable<System.CommandLine.Option> All =>
        [_profile, _topology, _unreliable, _rules, _depth, _states, _time, _preemptions, _strategy, _seed, _shard, _schedule, _picture, _json];

    /// <exception cref="BadInputException">A name or a number makes no sense.</exception>
    public ExploreRequest Read(ParseResult parsed)
    {
        try
        {
            Shard shard = parsed.GetValue(_shard) is { } text ? Shard.Parse(text) : Shard.Whole;
            string[] rules = parsed.GetValue(_rules) ?? [];
            return new ExploreRequest(
                KernelProfile.Parse(parsed.GetRequiredValue(_profile)),
                StandardTopology.Parse(parsed.GetRequiredValue(_topology)),
                parsed.GetValue(_unreliable),
                rules.Length == 0 ? Rules.All : [.. rules.Select(Rules.Parse)],
                new ExplorationOptions
                {
                    Depth = parsed.GetValue(_depth),
                    States = parsed.GetValue(_states),
                    Time = parsed.GetValue(_time) is { } seconds ? Duration(seconds) : null,
                    Preemptions = parsed.GetValue(_preemptions),
                    Strategy = SearchStrategies.Parse(parsed.GetRequiredValue(_strategy)),
                    Seed = parsed.GetValue(_seed),
                    Shard = shard,
                },
                parsed.GetValue(_schedule) is { } line ? Schedule.Parse(line) : null,
                PictureFile.Named(parsed.GetValue(_picture)),
                parsed.GetValue(_json) || shard != Shard.Whole);
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException)
        {
            throw new BadInputException(problem);
        }
    }

    private static TimeSpan Duration(double seconds) => seconds > 0 && seconds <= MostSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new BadInputException($"--time takes seconds, more than 0 and up to {MostSeconds}");
}
