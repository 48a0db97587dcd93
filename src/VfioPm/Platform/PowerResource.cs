namespace VfioPm;

/// <summary>
/// A switch for main power that several functions may share (ACPI 6.5, section 7.2): on for as long as one of
/// them needs it. It feeds functions and all that is below them: without it they are in D3cold.
/// </summary>
/// <remarks>Linux's counterpart counts references in <c>acpi_power_on()</c> and <c>acpi_power_off()</c>.</remarks>
public sealed class PowerResource : IForkable
{
    private readonly PublishedList<PciFunction> _fed = [];

    // Who ever needed it: the list only grows, and each sleep changes no more than who does now.
    private readonly PublishedList<Need> _needs = [];

    /// <summary>Makes a resource that is on and that nobody asked for yet.</summary>
    /// <param name="name">Its name in the firmware's tables: "LPWR".</param>
    internal PowerResource(string name) => Name = name;

    private PowerResource(PowerResource original, ForkContext fork)
    {
        fork.Register(original, this);
        Name = original.Name;
        IsOn = original.IsOn;
        fork.CopyAll(original._fed, _fed);
        _needs.Mirror(original._needs, fork, static (need, fork) => new Need(need, fork));
    }

    /// <summary>Its name in the firmware's tables.</summary>
    public string Name { get; }

    /// <summary>Whether it is on: what <c>_STA</c> says.</summary>
    public bool IsOn { get; private set; } = true;

    /// <summary>The functions that need it on now.</summary>
    public IReadOnlyList<PciFunction> Users => [.. _needs.Where(static need => need.IsNow).Select(static need => need.Function)];

    /// <summary>The functions that it feeds, without those below them.</summary>
    public IReadOnlyList<PciFunction> Fed => _fed;

    IForkable IForkable.Fork(ForkContext fork) => new PowerResource(this, fork);

    /// <summary>"LPWR (on, needed by 0000:00:03.0)".</summary>
    public override string ToString() =>
        IsOn ? $"{Name} (on, needed by {string.Join(", ", Users.Select(user => user.Address))})" : $"{Name} (off)";

    /// <summary>Says that the resource feeds this function, and with it all that is below it.</summary>
    internal void Feed(PciFunction function) => _fed.Add(function);

    /// <summary>The function needs power; the first that does switches it on (<c>_ON</c>).</summary>
    internal void TurnOn(PciFunction user)
    {
        (Find(user) ?? Add(user)).IsNow = true;
        Switch(on: true);
    }

    /// <summary>The function no longer needs power; the last that did switches it off (<c>_OFF</c>).</summary>
    internal void TurnOff(PciFunction user)
    {
        if (Find(user) is { } need)
        {
            need.IsNow = false;
        }

        if (!IsNeeded)
        {
            Switch(on: false);
        }
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_fed.Count);
        foreach (PciFunction function in _fed)
        {
            hash.Add(function.Index);
        }

        foreach (Need need in _needs)
        {
            if (need.IsNow)
            {
                hash.Add(need.Function.Index);
            }
        }

        // Behind the last of them, for no function has that number.
        hash.Add(-1);
        hash.Add(IsOn);
    }

    // No lambda, which costs more than what there is to do.
    private bool IsNeeded
    {
        get
        {
            foreach (Need need in _needs)
            {
                if (need.IsNow)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private Need? Find(PciFunction user)
    {
        foreach (Need need in _needs)
        {
            if (need.Function == user)
            {
                return need;
            }
        }

        return null;
    }

    private Need Add(PciFunction user)
    {
        var need = new Need(user);
        _needs.Add(need);
        return need;
    }

    private void Switch(bool on)
    {
        if (IsOn == on)
        {
            return;
        }

        IsOn = on;
        foreach (PciFunction function in _fed)
        {
            SwitchTree(function, on);
        }
    }

    /// <summary>The function and all that gets its power through it; from the top, as the slot is wired.</summary>
    private static void SwitchTree(PciFunction function, bool on)
    {
        function.SwitchPower(on);
        for (int i = 0; i < function.Downstream.Count; i++)
        {
            SwitchTree(function.Downstream[i], on);
        }
    }

    /// <summary>A function that needs the resource, or did.</summary>
    private sealed class Need(PciFunction function)
    {
        public Need(Need original, ForkContext fork)
            : this(fork.Of(original.Function)) => IsNow = original.IsNow;

        public PciFunction Function { get; } = function;

        public bool IsNow { get; set; }
    }
}
