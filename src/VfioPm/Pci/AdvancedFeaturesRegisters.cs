namespace VfioPm;

/// <summary>Registers of the Advanced Features capability (PCI SIG ECN "Advanced Capabilities", 2006).</summary>
public static class AdvancedFeaturesRegisters
{
    /// <summary>AF Capabilities, 8 bits.</summary>
    public const int Capabilities = 3;

    /// <summary>AF Capabilities: the function can be reset alone.</summary>
    public const byte CapabilitiesFlr = 0x02;

    /// <summary>AF Capabilities: the function says whether its requests are completed (Transactions Pending).</summary>
    public const byte CapabilitiesTransactionsPending = 0x01;

    internal const uint CapabilitiesBoth = CapabilitiesFlr | CapabilitiesTransactionsPending;

    /// <summary>AF Control, 8 bits.</summary>
    public const int Control = 4;

    /// <summary>AF Control: reset this function; reads zero.</summary>
    public const byte ControlInitiateFlr = 0x01;

    /// <summary>AF Status, 8 bits.</summary>
    public const int Status = 5;

    /// <summary>AF Status: requests of the function are not completed yet.</summary>
    public const byte StatusTransactionsPending = 0x01;
}
