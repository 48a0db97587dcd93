namespace VfioPm;

/// <summary>
/// The hotplug service of a port: what happens in its slot, and what the kernel does about it
/// (<c>pciehp_core.c</c>, <c>pciehp_ctrl.c</c>, the interrupt of <c>pciehp_hpc.c</c>). As work it is the interrupt's thread.
/// </summary>
/// <remarks>Resets of the slot raise no link events here, so nothing has to ignore them.</remarks>
internal sealed partial class HotplugController : WorkItem, IHotplugService, IWaitQueue
{
    // The tag of the five seconds in which a second press of the button takes the first one back (button_work).
    private const int Button = 1;

    // Beyond the bits of Slot Status: the administrator wants the slot off.
    private const uint DisableRequest = 1 << 16;

    private readonly PciDevice _port;
    private readonly SlotCommands _slot;
    private SlotState _state;
    private uint _pending;
    private int _requestResult;
    private bool _isWokenAgain;

    public HotplugController(PciDevice port)
    {
        _port = port;
        _slot = new SlotCommands(port);
    }

    private HotplugController(HotplugController original, ForkContext fork)
        : base(original, fork)
    {
        _port = fork.Of(original._port);
        _slot = new SlotCommands(_port);
        _state = original._state;
        _pending = original._pending;
        _requestResult = original._requestResult;
        _isWokenAgain = original._isWokenAgain;
        SlotName = original.SlotName;
    }

    public override int Index => _port.RuntimePm.Index;

    public string? SlotName { get; private set; }

    public bool IsPowerOn => _slot.IsPowerOn;

    /// <summary><c>pciehp_card_present_or_link_active()</c>.</summary>
    public bool? IsOccupied => _slot.IsCardPresent is false ? _slot.IsLinkActive : _slot.IsCardPresent;

    string IWaitQueue.WaitedFor => $"the slot below {_port.Name}";

    protected override Kernel Kernel => _port.Kernel;

    /// <summary>It begins when the interrupt arrives.</summary>
    protected override Frozen FrozenWith => Frozen.Interrupts;

    /// <summary><c>request_threaded_irq()</c>; the button's five seconds are a worker's.</summary>
    protected override ThreadKind DoneBy(int tag) => tag == Work ? ThreadKind.Interrupt : ThreadKind.Worker;

    // Until the five seconds of a button are over, all is as it was.
    private bool IsInUse => _state is SlotState.On or SlotState.BlinkingOff;

    private bool IsFree => _state is SlotState.Off or SlotState.BlinkingOn;

    public override string? Device => _port.Name;

    public override Cause Describe(int tag) =>
        new(tag == Button ? "attention button's five seconds are over" : "hotplug interrupt", _port.Name);

    public override IForkable Fork(ForkContext fork) => new HotplugController(this, fork);

    /// <summary><c>pciehp_probe()</c>.</summary>
    public async KernelCall Start()
    {
        _state = _port.Downstream.Count == 0 ? SlotState.Off : SlotState.On;
        SlotName = MakeSlotName();
        _slot.TakeEvents();
        await _slot.EnableNotification();
        await CheckPresence();
    }

    /// <summary><c>pciehp_remove()</c>.</summary>
    public async KernelCall Stop()
    {
        SlotName = null;
        await _slot.DisableNotification();
        _pending = 0;
        Cancel();
        CancelButton();
    }

    /// <summary>Interrupts would come at once, since the link goes down (<c>pciehp_runtime_suspend()</c>).</summary>
    public KernelCall RuntimeSuspend() => PortServices.IsPmeNative(_port) ? _slot.DisableInterrupt() : KernelCall.Returned;

    /// <summary><c>pciehp_runtime_resume()</c>: the card that was found again is no event, one that came or went is.</summary>
    public KernelCall RuntimeResume()
    {
        if (IsInUse && PortServices.IsPmeNative(_port))
        {
            _slot.ClearCardEvents();
        }

        return Resume();
    }

    /// <summary><c>pciehp_suspend()</c>, <c>pciehp_resume_noirq()</c>, <c>pciehp_resume()</c>.</summary>
    public KernelCall SystemSleep(SleepPhase phase)
    {
        if (phase == SleepPhase.Suspend)
        {
            return _port.RuntimePm.IsSuspendSkipped ? KernelCall.Returned : RuntimeSuspend();
        }

        if (phase == SleepPhase.Resume)
        {
            return Resume();
        }

        if (IsInUse)
        {
            _slot.ClearCardEvents();
            if (_port.Bus.Rules.NoticesReplacedCards && IsReplaced)
            {
                Disconnect();
                Request(ExpressRegisters.SlotStatusPresenceChanged);
            }
        }

        return KernelCall.Returned;
    }

    /// <summary><c>pciehp_isr()</c>: without power, or where no interrupt is wanted, it was somebody else.</summary>
    public void OnInterrupt()
    {
        if (SlotName is not null && _port.PowerState != PowerState.D3Cold && _slot.WantsInterrupt && _slot.TakeEvents() is not 0 and uint events)
        {
            Request(events);
        }
    }

    public void OnFound() => _state = SlotState.On;

    /// <summary><c>pciehp_sysfs_enable_slot()</c>.</summary>
    public async KernelCall<int> EnableSlot()
    {
        switch (_state)
        {
            case SlotState.BlinkingOn or SlotState.Off:
                _requestResult = -Errno.ENODEV;
                Request(ExpressRegisters.SlotStatusPresenceChanged);
                return await ResultOfRequest();
            case SlotState.PowerOn:
                Say("Already in powering on state");
                return -Errno.ENODEV;
            default:
                Say("Already enabled");
                return -Errno.ENODEV;
        }
    }

    /// <summary><c>pciehp_sysfs_disable_slot()</c>.</summary>
    public async KernelCall<int> DisableSlot()
    {
        switch (_state)
        {
            case SlotState.BlinkingOff or SlotState.On:
                Request(DisableRequest);
                return await ResultOfRequest();
            case SlotState.PowerOff:
                Say("Already in powering off state");
                return -Errno.ENODEV;
            default:
                Say("Already disabled");
                return -Errno.ENODEV;
        }
    }

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(SlotName);
        hash.Add((int)_state);
        hash.Add(_pending);
        hash.Add(_requestResult);
        hash.Add(_isWokenAgain);
    }

    public override void Run(int tag)
    {
        if (tag == Button)
        {
            OnButtonTime();
        }
        else
        {
            base.Run(tag);
        }
    }

    /// <summary>The interrupt's thread goes before all workers: what interrupted it meanwhile is its own, and next.</summary>
    protected override async KernelCall Execute()
    {
        do
        {
            _isWokenAgain = false;
            await Handle();
        }
        while (_isWokenAgain);
    }

    protected override void Done()
    {
        base.Done();
        Kernel.WakeAll(this);
    }

    /// <summary><c>pciehp_ist()</c>.</summary>
    private async KernelCall Handle()
    {
        await _port.HostConfig.Hold();
        uint events = _pending;
        _pending = 0;
        if ((events & ExpressRegisters.SlotStatusButton) != 0)
        {
            SayIf(!_port.Bus.Rules.SaysWhatTheButtonWillDo, "Attention button pressed");
            await HandleButton();
        }

        if ((events & DisableRequest) != 0)
        {
            await HandleDisableRequest();
        }
        else if ((events & SlotCommands.CardEvents) != 0)
        {
            await HandleCard(events);
        }

        await _port.HostConfig.Release();
    }

    private async KernelCall Resume()
    {
        if (PortServices.IsPmeNative(_port))
        {
            await _slot.EnableInterrupt();
        }

        await CheckPresence();
    }

    /// <summary><c>pciehp_queue_pushbutton_work()</c>.</summary>
    private void OnButtonTime()
    {
        if (_state == SlotState.BlinkingOff)
        {
            Request(DisableRequest);
        }
        else if (_state == SlotState.BlinkingOn)
        {
            Request(ExpressRegisters.SlotStatusPresenceChanged);
        }
    }

    /// <summary><c>pciehp_request()</c>.</summary>
    private void Request(uint events)
    {
        _pending |= events;
        _isWokenAgain = IsRunning;
        if (!_isWokenAgain)
        {
            Queue();
        }
    }

    private async KernelCall<int> ResultOfRequest()
    {
        while (_pending != 0 || IsRunning || IsQueued)
        {
            await Kernel.WaitOn(this);
        }

        return _requestResult;
    }

    /// <summary>
    /// <c>pciehp_device_replaced()</c>: nobody is in the slot, or somebody of whom the kernel does not know. Another card than the one that it
    /// knows is never there.
    /// </summary>
    private bool IsReplaced => !_port.IsDisconnected
        && _port.Downstream.FirstOrDefault(static below => below.Address is { Device: 0, Function: 0 })
            ?.ReadConfig(PciRegisters.VendorId, 4) is null or uint.MaxValue;

    /// <summary><c>pciehp_check_presence()</c>.</summary>
    private async KernelCall CheckPresence()
    {
        // down_read(&ctrl->reset_lock), mutex_lock(&ctrl->state_lock): the interrupt's thread goes first, if there was an interrupt.
        await Kernel.MightSleep();
        bool isUnexpected = IsOccupied switch
        {
            true => IsFree,
            false => IsInUse,
            null => false,
        };
        if (isUnexpected)
        {
            Request(ExpressRegisters.SlotStatusPresenceChanged);
        }
    }

    /// <summary><c>make_slot_name()</c>: the slot's number, and of several with one number the later ones are "0-1", "0-2".</summary>
    private string MakeSlotName()
    {
        string name = $"{_slot.Number}";
        for (int others = 1; _port.Bus.Devices.Any(other => other.Hotplug?.SlotName == name); others++)
        {
            name = $"{_slot.Number}-{others}";
        }

        return name;
    }

    private void Say(string what) => HotplugLog.Say(_port.Logger, _port.Name, SlotName, what);
}
