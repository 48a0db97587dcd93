namespace VfioPm.AnyCalls;

/// <summary>What becomes a <see cref="VfioIrqSet"/>, which lives on the stack alone.</summary>
internal sealed record IrqSetRecipe(
    VfioIrqIndex Index, VfioIrqSetFlags Flags, uint Start, uint Count, uint? ArgumentSize, FileDescriptor[] EventFds, byte[] Bools)
{
    public VfioIrqSet Make()
    {
        VfioIrqSet set = new(Index, Flags, Start, Count) { EventFds = EventFds, Bools = Bools };
        return ArgumentSize is { } size ? set with { ArgumentSize = size } : set;
    }

    public override string ToString() => $"{Index}, {Flags}, {Start}, {Count} with {EventFds.Length} eventfds, {Bools.Length} bools";
}
