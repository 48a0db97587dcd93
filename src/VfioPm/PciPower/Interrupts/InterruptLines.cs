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
    private readonly Dictionary<(PciAddress Slot, int Pin), InterruptLine> _routes = [];
    private readonly List<LedPin> _leads = [];
    private readonly SpuriousPoll _poll;
    private readonly RuntimePmCore _core;
    private readonly MessageHandles _handles;
    private int _highest = First - 1;

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
        _highest = original._highest;
        foreach (((PciAddress, int) pin, InterruptLine line) in original._routes)
        {
            _routes.Add(pin, fork.Of(line));
        }

        foreach (LedPin lead in original._leads)
        {
            _leads.Add(new LedPin(fork.Of(lead.Function), fork.Of(lead.Line)));
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
            _routes.TryAdd((SlotOf(function), Math.Max(PinOf(function), 1)), line);
        }
        else
        {
            _leads.Add(new LedPin(function, line));
        }
    }

    /// <summary>The line that a function's pin leads to, or null for one without a pin.</summary>
    public InterruptLine? LineOf(PciFunction function)
    {
        if (PinOf(function) == 0)
        {
            return null;
        }

        InterruptLine found = _leads.Find(lead => lead.Function == function).Line ?? FindRoute(function);
        if (!found.IsWiredTo(function))
        {
            found.Wire(function);
        }

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
        foreach (((PciAddress slot, int pin), InterruptLine line) in _routes)
        {
            hash.Add(slot.RequesterId);
            hash.Add(slot.Domain);
            hash.Add(pin);
            hash.Add(line.Number);
        }

        hash.Add(_leads.Count);
        foreach (LedPin lead in _leads)
        {
            hash.Add(lead.Function.Index);
            hash.Add(lead.Line.Number);
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
        if (!_routes.TryGetValue((slot, pin), out InterruptLine? line))
        {
            line = Add(_highest + 1);
            _routes.Add((slot, pin), line);
        }

        return line;
    }

    private InterruptLine Add(int number)
    {
        var line = new InterruptLine(number, _core, _poll, _handles);
        _lines.Add(line);
        _highest = Math.Max(_highest, number);
        return line;
    }

    private static int PinOf(PciFunction function) => (int)function.Configuration.Read(PciRegisters.InterruptPin, 1);

    private static PciAddress SlotOf(PciFunction function) => function.Address with { Function = 0 };

    /// <summary>Where a function's pin leads although it is below a bridge.</summary>
    private readonly record struct LedPin(PciFunction Function, InterruptLine Line);
}
