namespace VfioPm;

/// <summary>How far an actor has come in one fork.</summary>
internal sealed class ActorState
{
    private readonly Actor _actor;
    private readonly IForkable _subject;

    // Shared with forks, so never changed.
    private bool[] _done;
    private PendingCall? _call;
    private int _step;
    private UsersView? _before;

    public ActorState(Actor actor, TimeSpan now)
    {
        _actor = actor;
        ReturnedAt = now;
        _subject = actor.Subject;
        _done = new bool[actor.Steps.Count];
    }

    public ActorState(ActorState original, ForkContext fork)
    {
        _actor = original._actor;
        _subject = fork.Of(original._subject);
        _done = original._done;
        _call = fork.OfNullable(original._call);
        _step = original._step;
        _before = original._before;
        ReturnedAt = original.ReturnedAt;
    }

    /// <summary>His name.</summary>
    public string Name => _actor.Name;

    /// <summary>When his last call returned.</summary>
    public TimeSpan ReturnedAt { get; private set; }

    /// <summary>Whether he is in the middle of a call.</summary>
    public bool IsCalling => _call is not null;

    /// <summary>What he is in the middle of, or null.</summary>
    public KernelThread? Thread => _call?.Thread;

    /// <summary>Adds the steps that he may do now.</summary>
    public void AddChoices(int place, List<Choice> choices)
    {
        if (IsCalling || !_actor.MayAct(_subject))
        {
            return;
        }

        for (int step = 0; step < _done.Length; step++)
        {
            if (MayDo(step))
            {
                choices.Add(Choice.OfStep(place, step));
            }
        }
    }

    /// <summary>The device that his call is about, if it is about one.</summary>
    public string? Device => Thread?.HostDevice;

    /// <summary>He does it, or begins to.</summary>
    /// <param name="step">What.</param>
    /// <param name="host">Where.</param>
    public void Do(int step, SimulatedHost host)
    {
        UsersView before = UsersView.Of(host);
        MachineParts parts = host.Clock.Parts;
        ActorStep done = _actor.Steps[step];
        _done = [.. _done];
        _done[step] = true;
        _step = step;
        _call = done.Begin(_subject);
        _before = _call is null ? null : before.Except(device => !parts.MayMatter(Device, device));
        ReturnedAt = host.Clock.Now;
    }

    /// <summary>What his call returned, once.</summary>
    public CallReturn? TakeReturn(TimeSpan now)
    {
        if (_call is not { Result: { } result })
        {
            return null;
        }

        UsersView before = _before!;
        _call = null;
        _before = null;
        ReturnedAt = now;
        return new CallReturn(_actor.Steps[_step].Name, result, before);
    }

    /// <summary>Somebody else does something: what is otherwise afterwards need not be of his doing.</summary>
    /// <param name="about">The device that that is about, if it is about one.</param>
    /// <param name="parts">What it can make no difference to.</param>
    public void Disturb(string? about, MachineParts parts) => _before = _before?.Except(device => parts.MayMatter(about, device));

    public void AddTo(ref StateHash hash, Kernel kernel)
    {
        for (int step = 0; step < _done.Length; step++)
        {
            // It makes no difference where it may be done again.
            hash.Add(_done[step] && (_actor.Steps[step].IsOnce || IsAwaited(step)));
        }

        hash.Add(_call is null ? -1 : _step);
        hash.Add(_call is null ? -1 : kernel.PlaceOf(_call.Thread));
        _before?.AddTo(ref hash);
    }

    private bool MayDo(int index)
    {
        ActorStep step = _actor.Steps[index];
        return !(step.IsOnce && _done[index]) && (step.After < 0 || _done[step.After]) && step.IsPossible(_subject);
    }

    private bool IsAwaited(int step)
    {
        foreach (ActorStep other in _actor.Steps)
        {
            if (other.After == step)
            {
                return true;
            }
        }

        return false;
    }
}
