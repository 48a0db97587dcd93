namespace VfioPm;

/// <summary>
/// The lines of the machine's interrupt controller, and which pin leads to which: a pin below a bridge to one of the bridge's own
/// (<c>pci_swizzle_interrupt_pin()</c>), one on a root bus to what the firmware says (<c>_PRT</c>), which here has a line for each, unless
/// it was told otherwise.
/// </summary>
internal sealed class InterruptLines : INumbered
{
    // The first controller has 24; those of the second are nobody else's.
    private const int First = 24;

    private readonly PublishedList<InterruptLine> _lines = [];
    private readonly List<Route> _routes = [];
    private readonly SpuriousPoll _poll;
    private readonly RuntimePmCore _core;
    private readonly MessageHandles _handles;

    public InterruptLines(RuntimePmCore core, MessageHandles handles)
    {
        _core = core;
        _handles = handles;
        _poll = new SpuriousPoll(core.Kernel);
    }

    private InterruptLines(InterruptLines original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        _handles = fork.Of(original._handles);
        _poll = fork.Of(original._poll);
        fork.CopyAll(original._lines, _lines);
        foreach (Route route in original._routes)
        {
            _routes.Add(route with { Line = fork.Of(route.Line) });
        }
    }

    public int Index => 0;

    public IReadOnlyList<InterruptLine> All => _lines;

    public IForkable Fork(ForkContext fork) => new InterruptLines(this, fork);

    /// <summary>
    /// The firmware says where a function's pin leads; on a root bus that goes for all that is below the function too.
    /// </summary>
    public void Lead(PciFunction function, int number)
    {
        InterruptLine line = _lines.Find(known => known.Number == number) ?? Add(number);
        if (function.Upstream is null)
        {
            _routes.Add(new Route(SlotOf(function), Math.Max(PinOf(function), 1), line));
        }
        else
        {
            line.Wire(function);
        }
    }

    /// <summary>The line that a function's pin leads to, or null for one without a pin.</summary>
    public InterruptLine? LineOf(PciFunction function)
    {
        if (PinOf(function) == 0)
        {
            return null;
        }

        if (_lines.Find(line => line.IsWiredTo(function)) is { } known)
        {
            return known;
        }

        InterruptLine found = FindRoute(function);
        found.Wire(function);
        return found;
    }

    public void AddTo(ref StateHash hash)
    {
        _poll.AddTo(ref hash);
        hash.Add(_lines.Count);
        foreach (InterruptLine line in _lines)
        {
            line.AddTo(ref hash);
        }

        hash.Add(_routes.Count);
        foreach (Route route in _routes)
        {
            hash.Add(route.Slot.RequesterId);
            hash.Add(route.Slot.Domain);
            hash.Add(route.Pin);
            hash.Add(route.Line.Number);
        }
    }

    /// <summary><c>acpi_pci_irq_lookup()</c>.</summary>
    private InterruptLine FindRoute(PciFunction function)
    {
        int pin = PinOf(function);
        while (function.Upstream is { } bridge)
        {
            pin = ((pin - 1 + function.Address.Device) % 4) + 1;
            function = bridge;
        }

        PciAddress slot = SlotOf(function);
        if (_routes.Find(route => route.Slot == slot && route.Pin == pin) is { Line: { } line })
        {
            return line;
        }

        line = Add(Math.Max(First, _lines.Count == 0 ? 0 : _lines.Max(static known => known.Number) + 1));
        _routes.Add(new Route(slot, pin, line));
        return line;
    }

    private InterruptLine Add(int number)
    {
        var line = new InterruptLine(number, _core, _poll, _handles);
        _lines.Add(line);
        return line;
    }

    private static int PinOf(PciFunction function) => (int)function.Configuration.Read(PciRegisters.InterruptPin, 1);

    private static PciAddress SlotOf(PciFunction function) => function.Address with { Function = 0 };

    /// <summary>Where a pin of a slot leads.</summary>
    private readonly record struct Route(PciAddress Slot, int Pin, InterruptLine Line);
}
