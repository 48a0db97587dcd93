namespace VfioPm;

/// <summary>After what a function is waited for, in the kernel log's words.</summary>
internal static class ReadyWait
{
    public const string AfterResume = "resume";
    public const string AfterD3Hot = "power up D3hot->D0uninitialized";
    public const string AfterBusReset = "bus reset";
    public const string AfterFlr = "FLR";
    public const string AfterAfFlr = "AF_FLR";
    public const string AfterPmReset = "PM D3hot->D0";

    /// <summary>A minute, in milliseconds: <c>PCIE_RESET_READY_POLL_MS</c>.</summary>
    public const int DefaultTimeout = 60_000;
}
