namespace VfioPm;

// Which driver has the function, by hand.
public sealed partial class PciDevice
{
    /// <summary>
    /// Gives the function to a driver, whether or not that matches it, as writing to <c>driver_override</c> and <c>bind</c> in
    /// sysfs does.
    /// </summary>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    /// <exception cref="ArgumentException">The driver is not registered (<see cref="PciDrivers.Register"/>).</exception>
    public void Bind(PciDriver driver)
    {
        KernelResult result = TryBind(driver);
        if (result.IsError)
        {
            string hint = Driver is { } other ? $", since {other.Name} has it" : "";
            throw new InvalidOperationException($"{driver.Name} does not bind {Name}: {result}{hint}.");
        }
    }

    /// <summary>Gives the function to a driver, or says why not.</summary>
    /// <returns>0; -EBUSY where a driver has it already; -ENODEV where it is being found or removed; what the driver's probe returned.</returns>
    /// <exception cref="ArgumentException">The driver is not registered (<see cref="PciDrivers.Register"/>).</exception>
    public KernelResult TryBind(PciDriver driver)
    {
        CheckRegistered(driver);
        using KernelEntry entry = KernelEntry.Call(Kernel, $"bound to {driver.Name}", Name);
        return entry.Run(Bus.Bind(this, driver));
    }

    /// <summary>Begins <see cref="TryBind"/>.</summary>
    /// <exception cref="ArgumentException">The driver is not registered (<see cref="PciDrivers.Register"/>).</exception>
    public PendingCall BeginBind(PciDriver driver)
    {
        CheckRegistered(driver);
        using KernelEntry entry = KernelEntry.Begin(Kernel, $"bound to {driver.Name}", Name);
        return entry.Start(Bus.Bind(this, driver));
    }

    /// <summary>Takes the function from its driver, as writing to the driver's <c>unbind</c> in sysfs does.</summary>
    /// <exception cref="InvalidOperationException">No driver has it.</exception>
    public void Unbind()
    {
        KernelResult result = TryUnbind();
        if (result.IsError)
        {
            throw new InvalidOperationException($"{Name} cannot be unbound: {result}, since no driver has it.");
        }
    }

    /// <summary>Takes the function from its driver, or says why not.</summary>
    /// <returns>0; -ENODEV where no driver has it.</returns>
    public KernelResult TryUnbind()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, $"unbound from {Driver?.Name}", Name);
        return entry.Run(Bus.Unbind(this));
    }

    /// <summary>Begins <see cref="TryUnbind"/>.</summary>
    public PendingCall BeginUnbind()
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, $"unbound from {Driver?.Name}", Name);
        return entry.Start(Bus.Unbind(this));
    }

    private void CheckRegistered(PciDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        if (!Bus.Has(driver))
        {
            throw new ArgumentException($"The driver {driver.Name} is not registered with this host.", nameof(driver));
        }
    }
}
