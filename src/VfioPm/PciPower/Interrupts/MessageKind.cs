namespace VfioPm;

/// <summary>How a function signals interrupts other than by its pin.</summary>
internal enum MessageKind
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>Message Signalled Interrupts.</summary>
    Msi,

    /// <summary>MSI-X.</summary>
    MsiX,
}
