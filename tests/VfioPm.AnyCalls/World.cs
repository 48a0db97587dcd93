namespace VfioPm.AnyCalls;

/// <summary>A host, and what somebody has of it; after a while that is partly gone, or another host's.</summary>
internal sealed class World
{
    private const int KeptOfAType = 6;

    // What calls give is known at once; what else there is, after so many.
    private const int LookEvery = 6;

    // What a test's own code does in the middle of a call, it does so often at most.
    private const int MostNested = 6;

    [ThreadStatic]
    private static World? _current;

    private readonly List<object> _kept = [];
    private readonly Dictionary<Type, List<object>> _all = [];
    private Random _nested = new(0);
    private int _nestedLeft;
    private int _sinceLook;
    private int _depth;

    public World(SimulatedHost host)
    {
        Host = host;
        for (int i = 0; i < 3; i++)
        {
            Keep(new EventFd());
        }

        Keep(DeviceImages.E1000E);
        Keep(DeviceImages.SriovNvme);
        HasChanged();
    }

    private World(World original)
    {
        ForkContext fork = new();
        Host = fork.Of(original.Host);
        original._kept.RemoveAll(static one => one is not IForkable and not string);
        original._sinceLook = 0;
        foreach (object one in original._kept)
        {
            _kept.Add(one is IForkable forkable ? fork.Of(forkable) : one);
        }

        HasChanged();
    }

    /// <summary>The one whose call is being made.</summary>
    public static World? Current => _current;

    public SimulatedHost Host { get; private set; }

    /// <summary>Whether some of a test's own code was called.</summary>
    public bool WasCalledBack { get; private set; }

    /// <summary>What went wrong in the middle of a call.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether there is anything that a fork does not copy.</summary>
    public bool HasTimers { get; set; }

    /// <summary>The host's, when it was last asked whether it changed.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Whether the host is another than it was when this was last asked.</summary>
    public bool HasChanged()
    {
        ulong before = Hash;
        Hash = Host.ComputeStateHash();
        return before != Hash;
    }

    /// <summary>The same, of a fork of the host.</summary>
    public World Fork() => new(this);

    /// <summary>Somebody goes on with the fork; what he has is the original's.</summary>
    public void GoOnWith(SimulatedHost host) => Host = host;

    /// <summary>Makes a call, to its end.</summary>
    public Outcome Do(int number, bool tells)
    {
        _current = this;
        Random random = new(number);
        _nested = random;
        _nestedLeft = MostNested;
        WasCalledBack = false;
        if (_sinceLook++ % LookEvery == 0)
        {
            Look();
        }

        Outcome outcome = Make(Surface.Pick(random), random, tells);
        _current = null;
        return outcome;
    }

    /// <summary>Calls a member with null for one of its arguments.</summary>
    /// <returns>What it threw, or null.</returns>
    public Exception? DoWithNull(SurfaceMember member, int index, Random random)
    {
        _current = this;
        _nested = random;
        _nestedLeft = 0;
        Look();
        object? receiver = member.Receiver is { } type ? Find(type, random) ?? Arguments.Of(type, "", random, this) : null;
        object?[] arguments = [.. member.Parameters.Select((_, place) => place == index ? null : Arguments.Of(member, place, random, this))];
        try
        {
            member.Call(receiver, arguments);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
        finally
        {
            _current = null;
        }
    }

    /// <summary>Some of a test's own code runs in the middle of a call, and does something.</summary>
    /// <param name="with">What it was given.</param>
    /// <exception cref="BusyException">It feels like it.</exception>
    public void DoNested(params ReadOnlySpan<object?> with)
    {
        WasCalledBack = true;
        if (_nestedLeft == 0 || _depth > 2)
        {
            return;
        }

        _nestedLeft--;
        foreach (object? one in with)
        {
            if (one is not null)
            {
                Keep(one);
            }
        }

        int kind = _nested.Next(8);
        if (kind == 0)
        {
            throw new BusyException();
        }

        if (kind < 5)
        {
            _depth++;
            SurfaceMember member = kind == 1 && with is [{ } first, ..] && HasMembers(first.GetType())
                ? Surface.Pick(_nested, first.GetType())
                : Surface.Pick(_nested);
            Outcome outcome = Make(member, _nested, tells: false);
            Problem ??= outcome.Problem is { } problem ? $"in a callback: {problem}" : null;
            _depth--;
        }
    }

    /// <summary>A number for what some of a test's own code answers.</summary>
    public int Answer(int below)
    {
        WasCalledBack = true;
        return _nested.Next(below);
    }

    /// <summary>Somebody has it from now on.</summary>
    public void Keep(object one)
    {
        Type type = one.GetType();
        int same = 0;
        for (int i = _kept.Count - 1; i >= 0; i--)
        {
            if (_kept[i].GetType() == type && (ReferenceEquals(_kept[i], one) || ++same == KeptOfAType))
            {
                _kept.RemoveAt(i);
                break;
            }
        }

        _kept.Add(one);
        Add(one);
    }

    /// <summary>One of a type that somebody can get at, or null.</summary>
    public object? Find(Type type, Random random)
    {
        if (_all.TryGetValue(type, out List<object>? exact))
        {
            return exact[random.Next(exact.Count)];
        }

        List<object>? some = _all.Where(pair => type.IsAssignableFrom(pair.Key)).Select(static pair => pair.Value).FirstOrDefault();
        return some?[random.Next(some.Count)];
    }

    private static bool HasMembers(Type type) => type == typeof(FunctionSetup) || type == typeof(VirtualDeviceSetup);

    private Outcome Make(SurfaceMember member, Random random, bool tells)
    {
        object? receiver = null;
        if (member.Receiver is { } type)
        {
            receiver = type.IsValueType ? Arguments.Of(type, "", random, this) : Find(type, random);
            if (receiver is null)
            {
                return Outcome.Nothing;
            }
        }

        object?[] arguments = new object?[member.Parameters.Count];
        bool hasNull = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Arguments.Of(member, i, random, this);
            hasNull |= arguments[i] is null && !member.IsNullable[i];
        }

        HasTimers |= member.Method.Name == nameof(VirtualClock.CreateTimer);
        return Outcome.Of(this, member, receiver, arguments, hasNull, tells);
    }

    private void Look()
    {
        _all.Clear();
        foreach (object one in Crawl.From(Host))
        {
            Add(one);
        }

        foreach (object one in _kept)
        {
            Add(one);
        }
    }

    private void Add(object one)
    {
        if (!_all.TryGetValue(one.GetType(), out List<object>? same))
        {
            _all.Add(one.GetType(), same = []);
        }

        same.Add(one);
    }
}

/// <summary>What a test's own code throws.</summary>
internal sealed class BusyException() : Exception("a test's own code threw");
