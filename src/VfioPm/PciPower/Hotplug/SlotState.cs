namespace VfioPm;

/// <summary>What a slot's controller is about (<c>pciehp.h</c>).</summary>
internal enum SlotState
{
    /// <summary>No card is in use.</summary>
    Off,

    /// <summary>The button was pressed, and in five seconds the card is taken into use.</summary>
    BlinkingOn,

    /// <summary>The button was pressed, and in five seconds the card is given up.</summary>
    BlinkingOff,

    /// <summary>A card is being taken into use.</summary>
    PowerOn,

    /// <summary>A card is being given up.</summary>
    PowerOff,

    /// <summary>The card is in use.</summary>
    On,
}
