using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about what a guest reads in configuration space.</summary>
public sealed class VfioConfigRegionAssertions : ObjectAssertions<VfioConfigRegion, VfioConfigRegionAssertions>
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
        int offset, int width, uint expected, string because = "", params object[] becauseArgs)
    {
        StateCheck.Register(Subject, offset, width, expected).Report(because, becauseArgs);
        return new AndConstraint<VfioConfigRegionAssertions>(this);
    }
}
