namespace VfioPm;

/// <summary>Assertions about a device as the runtime-PM core sees it.</summary>
public sealed class RuntimePmDeviceAssertions : RuntimePmAssertions<RuntimePmDevice, RuntimePmDeviceAssertions>
{
    internal RuntimePmDeviceAssertions(RuntimePmDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "device";

    private protected override RuntimePmDevice Device => Subject;
}
