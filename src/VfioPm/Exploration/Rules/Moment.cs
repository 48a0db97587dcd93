namespace VfioPm;

/// <summary>A host after something happened on it, and what that was.</summary>
internal sealed class Moment
{
    private readonly List<CallReturn> _returns = [];

    /// <summary>A moment of a host, which is watched from now on, if it was not yet.</summary>
    public Moment(SimulatedHost host)
    {
        Host = host;
        Hardware = host.Topology.Events.Find<HardwareWitness>() ?? new HardwareWitness();
        Users = host.VfioPci.Events.Find<UserWitness>() ?? new UserWitness();
        host.Topology.Events.Add(Hardware);
        host.VfioPci.Events.Add(Users);
        Look();
    }

    /// <summary>The same moment of a fork.</summary>
    public Moment(Moment original, ForkContext fork)
    {
        Host = fork.Of(original.Host);
        Hardware = fork.Of(original.Hardware);
        Users = fork.Of(original.Users);
        Look();
    }

    public SimulatedHost Host { get; }

    /// <summary>What the hardware did just now.</summary>
    public HardwareWitness Hardware { get; }

    /// <summary>What users of devices did about power just now, and were told.</summary>
    public UserWitness Users { get; }

    /// <summary>The calls that returned just now.</summary>
    public IReadOnlyList<CallReturn> Returns => _returns;

    /// <summary>Whether nobody is in the middle of anything, and nothing is ready to begin.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Whether, besides, nothing will happen by itself but what recurs for ever.</summary>
    public bool IsAtRest { get; private set; }

    /// <summary>Whether it is at rest and nobody will do anything either.</summary>
    public bool IsEnd { get; set; }

    /// <summary>What a call that an actor makes to its end waits for without end, or null.</summary>
    public string? Deadlock { get; set; }

    public void Add(CallReturn? returned)
    {
        if (returned is not null)
        {
            _returns.Add(returned);
        }
    }

    /// <summary>Looks at the host.</summary>
    public void Look()
    {
        IsQuiet = !Host.Clock.IsAnythingDue && !Host.Kernel.HasThreads && AreGuestsQuiet();
        IsAtRest = IsQuiet && !Host.Clock.IsAnythingComing;
    }

    /// <summary>All have looked at it.</summary>
    public void Forget()
    {
        _returns.Clear();
        Deadlock = null;
        Hardware.Forget();
        Users.Forget();
    }

    private bool AreGuestsQuiet()
    {
        for (int i = 0; i < Host.Guests.Count; i++)
        {
            if (Host.Guests[i].RuntimePm.Kernel.HasThreads)
            {
                return false;
            }
        }

        return true;
    }
}
