namespace VfioPm.Server;

/// <summary>The parts of the flags of <c>VFIO_DEVICE_SET_IRQS</c>.</summary>
internal static class IrqFlags
{
    /// <summary>No data, and nothing to act on: what is set up is given up.</summary>
    public const VfioIrqSetFlags GiveUp = VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger;

    /// <summary>In which form the data comes.</summary>
    public static VfioIrqSetFlags Data(this IrqSetStructure request) =>
        (VfioIrqSetFlags)request.Flags & VfioIrqSetFlags.DataMask;

    /// <summary>What is to be done.</summary>
    public static VfioIrqSetFlags Action(this IrqSetStructure request) =>
        (VfioIrqSetFlags)request.Flags & VfioIrqSetFlags.ActionTypeMask;

    /// <summary>Whether it gives up all interrupts of an index.</summary>
    public static bool GivesUp(this IrqSetStructure request) =>
        request is { Start: 0, Count: 0 } && (VfioIrqSetFlags)request.Flags == GiveUp;
}
