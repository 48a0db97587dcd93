namespace VfioPm;

/// <summary>
/// All orders in which things can happen to a host: who does something when, which thread goes on where another could, when
/// timers with slack fire, in which order queued work is done. Rules are looked at everywhere.
/// </summary>
/// <remarks>
/// The host is not touched: everything happens in forks of it.
/// </remarks>
public sealed class Exploration
{
    private readonly SimulatedHost _host;
    private readonly List<Actor> _actors = [];
    private readonly List<Rule> _rules = [];

    private Exploration(SimulatedHost host) => _host = host;

    /// <summary>Where it begins.</summary>
    public SimulatedHost Host => _host;

    internal Plan Plan => new([.. _actors], [.. _rules]);

    /// <summary>An exploration in which nobody does anything yet.</summary>
    /// <param name="host">Where it begins.</param>
    public static Exploration Of(SimulatedHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new Exploration(host);
    }

    /// <summary>Somebody does things to something of the host.</summary>
    /// <param name="name">His name in schedules.</param>
    /// <param name="subject">What he does them to; his steps get its counterpart in a fork.</param>
    /// <param name="steps">Says what he may do.</param>
    /// <exception cref="ArgumentException">There is one of this name, or it cannot stand in a schedule.</exception>
    public Exploration Where<T>(string name, T subject, Action<ActorSteps<T>> steps)
        where T : class, IForkable
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(steps);
        if (name.Contains(Schedule.Separator, StringComparison.Ordinal) || name.Contains(Schedule.StopMark, StringComparison.Ordinal))
        {
            throw new ArgumentException($"A name in a schedule has no '{Schedule.Separator}' and no '{Schedule.StopMark}': \"{name}\".", nameof(name));
        }

        if (_actors.Exists(actor => actor.Name == name))
        {
            throw new ArgumentException($"There is somebody called \"{name}\" already.", nameof(name));
        }

        ActorSteps<T> all = new();
        steps(all);
        _actors.Add(new Actor(name, subject, all.MayAct, all.Steps));
        return this;
    }

    /// <summary>Somebody does things to an open device, as long as it is open.</summary>
    /// <inheritdoc cref="Where{T}(string, T, Action{ActorSteps{T}})"/>
    public Exploration Where(string name, VfioDeviceFile subject, Action<ActorSteps<VfioDeviceFile>> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return Where<VfioDeviceFile>(name, subject, all => steps(all.While(static file => !file.IsClosed)));
    }

    /// <summary>Somebody does things to the host.</summary>
    /// <inheritdoc cref="Where{T}(string, T, Action{ActorSteps{T}})"/>
    public Exploration Where(string name, Action<ActorSteps<SimulatedHost>> steps) => Where(name, _host, steps);

    /// <summary>These rules hold, always.</summary>
    /// <exception cref="ArgumentException">There is one of them already, or one is twice among them; none is added then.</exception>
    public Exploration Always(params IEnumerable<Rule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rule[] all = [.. rules];
        Array.ForEach(all, static rule => ArgumentNullException.ThrowIfNull(rule, nameof(rules)));
        return Add(nameof(rules), all);
    }

    /// <summary>This holds after everything that happens.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="holds">Whether it does.</param>
    /// <exception cref="ArgumentException">It has no name, or there is a rule of that name already.</exception>
    public Exploration Always(string name, Func<SimulatedHost, bool> holds) =>
        Add(name, holds, static (name, holds) => new AlwaysRule(name, holds));

    /// <summary>This comes true in every order, before nothing can happen any more.</summary>
    /// <inheritdoc cref="Always(string, Func{SimulatedHost, bool})"/>
    public Exploration Eventually(string name, Func<SimulatedHost, bool> holds) =>
        Add(name, holds, static (name, holds) => new EventuallyRule(name, holds));

    /// <summary>This comes true in some order: a test that explores something tells so that it does.</summary>
    /// <inheritdoc cref="Always(string, Func{SimulatedHost, bool})"/>
    public Exploration Sometimes(string name, Func<SimulatedHost, bool> holds) =>
        Add(name, holds, static (name, holds) => new SometimesRule(name, holds));

    /// <summary>Explores.</summary>
    /// <exception cref="InvalidOperationException">Something that an actor does throws; the message has the schedule.</exception>
    public ExplorationResult Run(ExplorationOptions? options = null)
    {
        options ??= new ExplorationOptions();
        SearchLimits limits = options.Check();
        using CancellationTokenSource end = options.Time is { } time ? new CancellationTokenSource(time) : new CancellationTokenSource();
        Plan plan = Plan;
        var search = new Search(limits, end.Token);
        options.Strategy.Run(Begin(plan, isTraced: false, options.Preemptions), search);
        return new ExplorationResult(_host.Profile, search, [.. FindingsOf(plan).Of(search, options.Preemptions)]);
    }

    /// <summary>Plays a schedule again.</summary>
    /// <returns>What was broken on the way, in one finding for each rule; a result of one way.</returns>
    /// <exception cref="ScheduleException">Something that it names could not be next.</exception>
    public ExplorationResult Replay(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        Plan plan = Plan;
        var playback = new Playback(Begin(plan, isTraced: false, schedule.Preemptions));
        foreach (string choice in schedule.Choices)
        {
            playback.MustPlay(choice);
        }

        playback.Finish();
        Findings findings = FindingsOf(plan);
        return new ExplorationResult(
            _host.Profile,
            [.. playback.Broken
                .Where(broken => plan.Rules[broken.Rule] is not SometimesRule)
                .Select(broken => findings.Tell(new Finding(plan.Rules[broken.Rule], broken.How, schedule), way: []))],
            states: schedule.Choices.Count + 1,
            depth: schedule.Choices.Count,
            isComplete: false);
    }

    /// <summary>The beginning, in a fork of the host and of what actors do things to.</summary>
    internal Branch Begin(Plan plan, bool isTraced, int preemptions)
    {
        var fork = new ForkContext();
        SimulatedHost host = fork.Of(_host);
        host.Trace.Clear();
        host.Trace.IsEnabled = isTraced;
        host.Clock.Parts = SeparateParts.Of(host);
        Plan there = plan with { Actors = [.. plan.Actors.Select(actor => actor with { Subject = fork.Of(actor.Subject) })] };
        return new Branch(there, host, preemptions);
    }

    private Findings FindingsOf(Plan plan) =>
        new(plan, (isTraced, preemptions) => new Playback(Begin(plan, isTraced, preemptions)));

    private Exploration Add(string argument, params ReadOnlySpan<Rule> rules)
    {
        HashSet<string> known = [.. _rules.Select(static rule => rule.Id)];
        foreach (Rule rule in rules)
        {
            if (!known.Add(rule.Id))
            {
                throw new ArgumentException($"There is a rule \"{rule.Id}\" already.", argument);
            }
        }

        _rules.AddRange(rules);
        return this;
    }

    private Exploration Add(string name, Func<SimulatedHost, bool> holds, Func<string, Func<SimulatedHost, bool>, Rule> make)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(holds);
        return Add(nameof(name), make(name, holds));
    }
}
