namespace VfioPm;

/// <summary>One of the ways in which things may go: a fork of the host, how far the actors are, and what the rules remember.</summary>
internal sealed class Branch
{
    // What one choice brings about by itself is finite; a host where it is not has a fault of its own.
    private const int MostEvents = 100_000;

    private static readonly TimeSpan LongestSettling = TimeSpan.FromMinutes(5);

    private readonly Plan _plan;
    private readonly ActorState[] _actors;
    private readonly RuleWatch[] _watches;
    private readonly StopsEverywhere _scheduler = new();
    private readonly Moment _moment;
    private readonly List<Choice> _choices = [];
    private int _preemptions;

    /// <summary>The beginning: the host itself.</summary>
    public Branch(Plan plan, SimulatedHost host, int preemptions)
    {
        _plan = plan;
        Host = host;
        _actors = [.. plan.Actors.Select(actor => new ActorState(actor, host.Clock.Now))];
        _watches = [.. plan.Rules.Select(rule => rule.Begin(host))];
        _preemptions = preemptions;
        _moment = new Moment(host);
        TakeScheduler();
    }

    private Branch(Branch original, ForkContext fork)
    {
        _plan = original._plan;
        Host = fork.Of(original.Host);
        _actors = new ActorState[original._actors.Length];
        for (int actor = 0; actor < _actors.Length; actor++)
        {
            _actors[actor] = new ActorState(original._actors[actor], fork);
        }

        _watches = new RuleWatch[original._watches.Length];
        for (int rule = 0; rule < _watches.Length; rule++)
        {
            _watches[rule] = original._watches[rule].Fork();
        }

        _preemptions = original._preemptions;
        _moment = new Moment(original._moment, fork);
        Way = original.Way;
        _scheduler.Stopped = fork.OfNullable(original._scheduler.Stopped);
        TakeScheduler();
    }

    public SimulatedHost Host { get; }

    /// <summary>The choices so far.</summary>
    public Way Way { get; private set; } = Way.Beginning;

    /// <summary>How far everybody is, in the plan's order.</summary>
    public IReadOnlyList<ActorState> Actors => _actors;

    /// <summary>Whether a thread stands where another could cut in.</summary>
    public bool IsStopped => _scheduler.Stopped is not null;

    /// <summary>Rules that the last choice broke, and how.</summary>
    public List<(int Rule, string How)> Broken { get; } = [];

    public Branch Fork()
    {
        ForkContext fork = ForkContext.Rent();
        Branch branch = new(this, fork);
        fork.Return();
        return branch;
    }

    /// <summary>What could be next, besides that a stopped thread goes on.</summary>
    /// <remarks>The list is the branch's own, and good until it is asked again.</remarks>
    public IReadOnlyList<Choice> FindChoices()
    {
        _choices.Clear();
        for (int actor = 0; actor < _actors.Length; actor++)
        {
            _actors[actor].AddChoices(actor, _choices);
        }

        bool mayAct = _choices.Count > 0;
        int events = Host.Clock.CountNext();
        for (int next = 0; next < events; next++)
        {
            ScheduledEvent item = Host.Clock.Next(next);
            if (item.Target != _scheduler.Stopped && (mayAct || Host.Clock.IsAnythingComing))
            {
                _choices.Add(Choice.OfEvent(next));
            }
        }

        if (!IsStopped && Host.Clock.IsAnythingComing && _choices.Count > 1)
        {
            _choices.Add(Choice.Settle);
        }

        return _choices;
    }

    /// <summary>The stopped thread goes on to its next stop, or as far as it can.</summary>
    public void GoOn()
    {
        KernelThread stopped = _scheduler.Stopped!;
        int next = 0;
        while (Host.Clock.Next(next).Target != stopped)
        {
            next++;
        }

        RunEvent(next);
        Follow();
    }

    /// <summary>A choice is made, and what has to follow from it follows, up to where there is a choice again.</summary>
    public void Take(Choice choice) => Go(new Way(Way, choice));

    /// <summary>The last choice of a way is made again, where this one stands before it.</summary>
    public void Retrace(Way way)
    {
        for (int stop = 0; IsStopped && stop != way.Choice.Stop; stop++)
        {
            GoOn();
        }

        Go(way);
        Broken.Clear();
    }

    public ulong ComputeHash()
    {
        StateHash hash = StateHash.At(Host.Clock.Now);
        Host.AddTo(ref hash);
        foreach (ActorState actor in _actors)
        {
            actor.AddTo(ref hash, Host.Kernel);
        }

        foreach (RuleWatch watch in _watches)
        {
            watch.AddTo(ref hash);
        }

        hash.Add(_preemptions);
        hash.Add(_scheduler.Stopped is IEventTarget stopped ? stopped.Index : -1);
        return hash.Value;
    }

    /// <summary>The name of what could be next, as it stands in a schedule.</summary>
    public string NameOf(Choice choice)
    {
        if (choice.IsSettling)
        {
            return Schedule.Settle;
        }

        if (choice.IsStep)
        {
            Actor actor = _plan.Actors[choice.Actor];
            return $"{actor.Name}: {actor.Steps[choice.Index].Name}";
        }

        // Of several that have one name the second is "#2".
        string name = NameOfEvent(choice.Index);
        int same = 1;
        for (int earlier = 0; earlier < choice.Index; earlier++)
        {
            same += NameOfEvent(earlier) == name ? 1 : 0;
        }

        return same == 1 ? name : $"{name} #{same}";
    }

    private string NameOfEvent(int index)
    {
        ScheduledEvent item = Host.Clock.Next(index);
        return item.Target.Describe(item.Tag).ToString().Replace(Schedule.Separator, ',');
    }

    private void Go(Way way)
    {
        Choice choice = way.Choice;
        Way = way;
        Broken.Clear();
        _preemptions -= choice.IsPreemption ? 1 : 0;
        _scheduler.Stopped = null;
        if (choice.IsSettling)
        {
            Settle();
        }
        else if (choice.IsStep)
        {
            Do(choice);
        }
        else
        {
            RunEvent(choice.Index);
        }

        Follow();
    }

    /// <summary>What has to happen next happens, up to where there is a choice again.</summary>
    private void Follow()
    {
        for (int events = 0; !IsStopped; events++)
        {
            IReadOnlyList<Choice> choices = FindChoices();
            if (choices is not [{ IsStep: false, IsSettling: false }])
            {
                if (choices.Count == 0)
                {
                    _moment.IsEnd = true;
                    Judge();
                }

                return;
            }

            if (events == MostEvents)
            {
                throw new InvalidOperationException($"The host goes on for ever by itself: {NameOf(choices[0])}.");
            }

            RunEvent(choices[0].Index);
        }
    }

    private void Do(Choice choice)
    {
        _scheduler.IsOn = _preemptions > 0 && !_plan.Actors[choice.Actor].Steps[choice.Index].IsAtomic;
        ActorState acting = _actors[choice.Actor];
        try
        {
            acting.Do(choice.Index, Host);
        }
        catch (SimulationDeadlockException deadlock)
        {
            _moment.Deadlock = deadlock.Message;
        }
        catch (Exception problem)
        {
            throw new InvalidOperationException($"{NameOf(choice)} threw: {problem.Message}", problem);
        }

        foreach (ActorState other in _actors)
        {
            if (other != acting)
            {
                other.Disturb(acting.Device, Host.Clock.Parts);
            }
        }

        Judge();
    }

    private void RunEvent(int index)
    {
        _scheduler.Stopped = null;
        _scheduler.IsOn = _preemptions > 0;
        Host.Clock.RunNext(index);
        Judge();
    }

    private void Settle()
    {
        TimeSpan end = Host.Clock.Now + LongestSettling;
        int preemptions = _preemptions;
        _preemptions = 0;
        while (Host.Clock.IsAnythingComing && Host.Clock.Now < end)
        {
            RunEvent(0);
        }

        _preemptions = preemptions;
    }

    /// <summary>Something happened: the rules look.</summary>
    private void Judge()
    {
        foreach (ActorState actor in _actors)
        {
            _moment.Add(actor.TakeReturn(Host.Clock.Now));
        }

        _moment.Look();
        for (int rule = 0; rule < _watches.Length; rule++)
        {
            if (_watches[rule].Look(_moment) is { } how)
            {
                Broken.Add((rule, how));
                _watches[rule] = BrokenWatch.Instance;
            }
        }

        _moment.Forget();
    }

    private void TakeScheduler()
    {
        Host.Kernel.Scheduler = _scheduler;
        for (int guest = 0; guest < Host.Guests.Count; guest++)
        {
            Host.Guests[guest].RuntimePm.Kernel.Scheduler = _scheduler;
        }
    }
}
