namespace VfioPm;

/// <summary>Assertions about what a guest reads in configuration space.</summary>
public sealed class VfioConfigRegionAssertions : SimulationAssertions<VfioConfigRegion, VfioConfigRegionAssertions>
{
    internal VfioConfigRegionAssertions(VfioConfigRegion region)
        : base(region)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "configuration region";

    /// <summary>
    /// The guest reads this value in a register. The assertion reads it, and like any read of a guest it may wake
    /// the function.
    /// </summary>
    public AndConstraint<VfioConfigRegionAssertions> HaveRegister(
        int offset, int width, uint expected, string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.Reads(Subject, offset, width, expected), because, becauseArgs);
}
