namespace VfioPm;

/// <summary>A driver that takes a function and leaves it alone (<c>drivers/pci/pci-stub.c</c>).</summary>
internal sealed class StubDriver : PciDriver
{
    /// <summary>What it is called.</summary>
    public const string Stub = "pci-stub";

    /// <inheritdoc/>
    public override string Name => Stub;

    /// <inheritdoc/>
    protected override bool HasPmOps => false;

    /// <inheritdoc/>
    protected override bool HasRemove => false;

    /// <inheritdoc/>
    protected override bool ManagesDma => true;

    /// <summary>That of a host, which loads it when it is first asked for.</summary>
    public static PciDriver Of(SimulatedHost host)
    {
        if (!host.Drivers.All.Any(static driver => driver.Name == Stub))
        {
            host.Drivers.Register(new StubDriver());
        }

        return host.Drivers[Stub];
    }

    /// <inheritdoc/>
    protected override KernelCall<int> Probe(PciDevice device) => 0;
}
