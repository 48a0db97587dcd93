namespace VfioPm;

/// <summary>What is special about a function that is being added to a host, and what its firmware offers.</summary>
public sealed class FunctionSetup
{
    private readonly List<PowerResource> _resources = [];

    /// <summary>What the function is made from.</summary>
    internal DeviceImage? Image { get; private set; }

    internal byte[]? VitalProductData { get; private set; }

    internal HardwareBehavior Behavior { get; private set; } = HardwareBehavior.Specification;

    internal IDeviceRegisters? Registers { get; private set; }

    internal PowerState? DeepestWakeState { get; private set; }

    internal bool CanWake { get; private set; }

    internal bool IsHotplugSafeInD3 { get; private set; }

    internal bool HasReset { get; private set; }

    internal ReadinessDurations Readiness { get; private set; }

    internal int? IommuGroup { get; private set; }

    internal int? InterruptLine { get; private set; }

    internal bool HasPowerResource { get; private set; }

    /// <summary>Those that it has in common with other functions.</summary>
    internal IReadOnlyList<PowerResource> SharedResources => _resources;

    /// <summary>Makes the function from this image instead of the usual one.</summary>
    public FunctionSetup WithImage(DeviceImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Image = image;
        return this;
    }

    /// <summary>Gives the function vital product data (<see cref="DeviceImage.WithVitalProductData"/>).</summary>
    public FunctionSetup WithVitalProductData(params byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        VitalProductData = content;
        return this;
    }

    /// <summary>Silicon that is not what the specification says.</summary>
    public FunctionSetup WithBehavior(HardwareBehavior behavior)
    {
        ArgumentNullException.ThrowIfNull(behavior);
        Behavior = behavior;
        return this;
    }

    /// <summary>What is behind the function's BARs.</summary>
    public FunctionSetup WithRegisters(IDeviceRegisters registers)
    {
        ArgumentNullException.ThrowIfNull(registers);
        Registers = registers;
        return this;
    }

    /// <summary>
    /// The firmware can cut the power of the function and of all below it (<c>_PR0</c> and <c>_PR3</c> with a
    /// power resource of its own): it has D3cold.
    /// </summary>
    public FunctionSetup WithPowerResource()
    {
        HasPowerResource = true;
        return this;
    }

    /// <summary>The same, with a resource that other functions need too: the power goes when none of them does.</summary>
    public FunctionSetup WithPowerResource(PowerResource shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        _resources.Add(shared);
        return WithPowerResource();
    }

    /// <summary>The function's wake signal goes somewhere (<c>_PRW</c>), and works down to a state (<c>_S0W</c>).</summary>
    public FunctionSetup WithWake(PowerState deepest = PowerState.D3Cold)
    {
        CanWake = true;
        return WithDeepestWakeState(deepest);
    }

    /// <summary>
    /// The firmware names a deepest state to wake from (<c>_S0W</c>), and no wake signal: then nobody asks for it, but for a
    /// port with a hotplug slot.
    /// </summary>
    public FunctionSetup WithDeepestWakeState(PowerState deepest)
    {
        DeepestWakeState = deepest;
        return this;
    }

    /// <summary>
    /// The firmware says that a root port tells of cards that come and go while it sleeps (<c>_DSD</c>
    /// <c>HotPlugSupportInD3</c>), which counts where its wake signal goes somewhere (<see cref="WithWake"/>).
    /// </summary>
    public FunctionSetup WithHotplugInD3()
    {
        IsHotplugSafeInD3 = true;
        return this;
    }

    /// <summary>The firmware can reset the function (<c>_RST</c>; reset method <c>acpi</c>).</summary>
    public FunctionSetup WithFirmwareReset()
    {
        HasReset = true;
        return this;
    }

    /// <summary>
    /// The firmware says how long the function needs at most (<c>_DSM</c>, "Device Readiness Durations"), and the kernel waits no longer where
    /// that is less than the specifications' 100 and 10 ms. What the hardware needs is its own (<see cref="PciFunction.D3ColdDelay"/>).
    /// </summary>
    /// <param name="afterPowerOn">After it got power; null where the firmware says nothing of that.</param>
    /// <param name="afterD3Hot">After it left D3hot; null likewise.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative.</exception>
    public FunctionSetup WithReadiness(TimeSpan? afterPowerOn = null, TimeSpan? afterD3Hot = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(afterPowerOn ?? TimeSpan.Zero, TimeSpan.Zero, nameof(afterPowerOn));
        ArgumentOutOfRangeException.ThrowIfLessThan(afterD3Hot ?? TimeSpan.Zero, TimeSpan.Zero, nameof(afterD3Hot));
        Readiness = new ReadinessDurations(afterPowerOn, afterD3Hot);
        return this;
    }

    /// <summary>The IOMMU group's number, where the topology's own numbering is not wanted.</summary>
    public FunctionSetup WithIommuGroup(int group)
    {
        IommuGroup = group;
        return this;
    }

    /// <summary>
    /// The function's pin leads to this input of the interrupt controller (<c>_PRT</c>), whoever else's does. On a root bus that
    /// goes for the pins below it too. By default each pin of a slot of a root bus has a line of its own.
    /// </summary>
    /// <param name="number">The global system interrupt: 16 to 23 are the usual ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public FunctionSetup WithInterruptLine(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number);
        InterruptLine = number;
        return this;
    }

    /// <summary>The image with what was said about it apart.</summary>
    internal DeviceImage Refine(DeviceImage image) =>
        VitalProductData is { } content ? image.WithVitalProductData(content) : image;

    /// <summary>What the firmware's tables have for the function, or null where they do not know it.</summary>
    internal PlatformPower? MakePlatform(PciFunction function)
    {
        PowerResource[] resources =
            !HasPowerResource ? []
            : _resources.Count > 0 ? [.. _resources]
            : [new PowerResource($"PWR {function.Address}")];
        bool isKnown = HasPowerResource || CanWake || DeepestWakeState is not null || IsHotplugSafeInD3 || HasReset || Readiness != default;
        return isKnown
            ? new PlatformPower(function, resources, resources, DeepestWakeState, CanWake, IsHotplugSafeInD3, HasReset, Readiness)
            : null;
    }
}
