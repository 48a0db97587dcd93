using System.Collections.Immutable;

namespace VfioPm;

/// <summary>
/// An input of the machine's interrupt controller, level-triggered, which the pins of several functions may share
/// (<c>struct irq_desc</c>): as long as one of them is asserted, whoever listens is interrupted again and again.
/// </summary>
/// <remarks>
/// Interrupts take no virtual time: a hundred thousand that nobody claims come in one moment.
/// </remarks>
public sealed class InterruptLine : IPolledInterrupt
{
    // What handles so many in one moment and leaves the pin asserted would do so for ever.
    private const int LongestStorm = 1_000_000;

    private readonly List<PciFunction> _wired = [];
    private ImmutableArray<Action> _actions = [];
    private readonly UnhandledInterrupts _unhandled;
    private readonly RuntimePmCore _core;
    private readonly SpuriousPoll _poll;
    private readonly MessageHandles _handles;
    private int _depth = 1;
    private int _users;
    private int _handle;
    private bool _isInProgress;

    internal InterruptLine(int number, RuntimePmCore core, SpuriousPoll poll, MessageHandles handles)
    {
        Number = number;
        _core = core;
        _poll = poll;
        _handles = handles;
        _unhandled = new UnhandledInterrupts();
    }

    private InterruptLine(InterruptLine original, ForkContext fork)
    {
        fork.Register(original, this);
        Number = original.Number;
        Count = original.Count;
        IsPolled = original.IsPolled;
        _core = fork.Of(original._core);
        _poll = fork.Of(original._poll);
        _handles = fork.Of(original._handles);
        _unhandled = new UnhandledInterrupts(original._unhandled);
        _depth = original._depth;
        _users = original._users;
        _handle = original._handle;
        fork.CopyAll(original._wired, _wired);
        _actions = [.. original._actions.Select(action => action with { Handler = fork.Of(action.Handler) })];
    }

    /// <summary>Which input (the global system interrupt, and <c>irq</c> in sysfs).</summary>
    public int Number { get; }

    /// <summary>How many interrupts came (<c>/proc/interrupts</c>); what a poll finds is none.</summary>
    public long Count { get; private set; }

    /// <summary>How many of the latest nobody claimed (<c>unhandled</c> in <c>/proc/irq/N/spurious</c>).</summary>
    public int Unhandled => _unhandled.Unhandled;

    /// <summary>Whether the controller holds the interrupt back: a driver, or the kernel, disabled it, or nobody listens.</summary>
    public bool IsDisabled => _depth > 0;

    /// <summary>
    /// Whether the kernel disabled it since nobody cared, and asks all who listen every tenth of a second instead
    /// (<c>IRQS_SPURIOUS_DISABLED</c>).
    /// </summary>
    public bool IsPolled { get; private set; }

    int INumbered.Index => Number;

    private bool IsAsserted
    {
        get
        {
            foreach (PciFunction function in _wired)
            {
                if (function.IsInterruptLineAsserted)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>"irq 16, polled".</summary>
    public override string ToString() => $"irq {Number}{(IsPolled ? ", polled" : IsDisabled ? ", disabled" : "")}";

    IForkable IForkable.Fork(ForkContext fork) => new InterruptLine(this, fork);

    /// <summary>A function's pin leads here.</summary>
    internal void Wire(PciFunction function) => _wired.Add(function);

    internal bool IsWiredTo(PciFunction function) => _wired.Contains(function);

    /// <summary>A function that is enabled uses the line (<c>acpi_register_gsi()</c>): the first has it take its entry of the table.</summary>
    internal void Register()
    {
        if (_users++ == 0)
        {
            _handle = _handles.Allocate(1);
        }
    }

    /// <summary><c>acpi_unregister_gsi()</c>.</summary>
    internal void Unregister()
    {
        if (--_users == 0)
        {
            _handles.Free(_handle);
            _handle = 0;
        }
    }

    /// <summary>
    /// A driver begins to listen, at once or once it enables the line (<c>IRQF_NO_AUTOEN</c>); whoever comes gives a line that is polled
    /// another chance (<c>request_irq()</c>, <c>__setup_irq()</c>).
    /// </summary>
    /// <returns>0; -EBUSY where somebody listens already, and one of the two does not share.</returns>
    internal int Request(IInterruptHandler handler, bool isShared, bool enable = true)
    {
        bool isFirst = _actions.Length == 0;
        if (!isFirst && !(isShared && _actions[0].IsShared))
        {
            InterruptLog.FlagsMismatch(_core.Logger, Number, handler.Name, _actions[0].Handler.Name);
            return -Errno.EBUSY;
        }

        _actions = _actions.Add(new Action(handler, isShared));
        _unhandled.Begin();
        if (isFirst)
        {
            _depth = enable ? 0 : 1;
        }
        else if (IsPolled)
        {
            _depth--;
        }

        IsPolled = false;
        Deliver();
        return 0;
    }

    /// <summary>A driver no longer listens (<c>free_irq()</c>); with the last the line is shut down.</summary>
    internal void Free(IInterruptHandler handler)
    {
        _actions = _actions.RemoveAll(action => action.Handler == handler);
        _depth = _actions.Length == 0 ? 1 : _depth;
    }

    /// <summary><c>disable_irq_nosync()</c>.</summary>
    internal void Disable() => _depth++;

    /// <summary><c>enable_irq()</c>: as often as it was disabled.</summary>
    internal void Enable()
    {
        if (_depth == 0)
        {
            InterruptLog.UnbalancedEnable(_core.Logger, Number);
            return;
        }

        _depth--;
        Deliver();
    }

    /// <summary>Interrupts whoever listens for as long as a pin is asserted (<c>handle_fasteoi_irq()</c>).</summary>
    internal void Deliver()
    {
        // The processor that handles it takes the next when it is through.
        if (_isInProgress)
        {
            return;
        }

        try
        {
            for (int i = 0; !IsDisabled && IsAsserted; i++)
            {
                if (i == LongestStorm)
                {
                    throw new InvalidOperationException(
                        $"irq {Number} is handled again and again: a driver claims it, and leaves its function's pin asserted.");
                }

                bool isHandled = Handle();
                Note(isHandled, isHandled || !_actions.All(static action => action.Handler.DeniesAlike) ? 1 : _unhandled.Left);
            }
        }
        catch (Exception thrown)
        {
            _core.Clock.Calls.Keep(thrown);
        }
    }

    /// <summary>Asks all who listen, whether or not a pin is asserted (<c>try_one_irq()</c>).</summary>
    void IPolledInterrupt.Poll()
    {
        if (!IsPolled || _actions is not [{ IsShared: true }, ..])
        {
            return;
        }

        try
        {
            Handle();
        }
        catch (Exception thrown)
        {
            _core.Clock.Calls.Keep(thrown);
        }
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Number);
        hash.Add(Count);
        hash.Add(IsPolled);
        hash.Add(_depth);
        hash.Add(_users);
        hash.Add(_handle);
        _unhandled.AddTo(ref hash);
        foreach (PciFunction function in _wired)
        {
            hash.Add(function.Index);
        }

        hash.Add(_actions.Length);
        foreach (Action action in _actions)
        {
            hash.Add(action.Handler.Index);
            hash.Add(action.IsShared);
        }
    }

    /// <summary>All who listen are called, since nobody knows whose it is (<c>handle_irq_event()</c>).</summary>
    /// <returns>Whether somebody claims it.</returns>
    private bool Handle()
    {
        _isInProgress = true;
        try
        {
            bool isHandled = false;
            for (int i = 0; i < _actions.Length; i++)
            {
                isHandled |= _actions[i].Handler.OnLineInterrupt();
            }

            return isHandled;
        }
        finally
        {
            _isInProgress = false;
        }
    }

    /// <summary><c>note_interrupt()</c>, of one that somebody claimed, or of as many as will be denied alike.</summary>
    private void Note(bool isHandled, int count)
    {
        Count += count;
        if (_unhandled.Note(count, isHandled, _core.Clock.Now))
        {
            InterruptLog.NobodyCared(_core.Logger, Number);
            InterruptLog.Disabling(_core.Logger, Number);
            IsPolled = true;
            _depth++;
            _poll.Begin(this);
        }
    }

    /// <summary>Who listens (<c>struct irqaction</c>).</summary>
    private readonly record struct Action(IInterruptHandler Handler, bool IsShared);
}
