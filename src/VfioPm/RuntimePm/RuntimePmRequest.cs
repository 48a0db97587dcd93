namespace VfioPm;

/// <summary>
/// What a device's queued work item will do (<c>enum rpm_request</c>), in order of precedence: an idle
/// notification gives way to every request behind it.
/// </summary>
public enum RuntimePmRequest
{
    /// <summary>Nothing: there is no request, or it was cancelled while its work item stayed queued.</summary>
    None = 0,

    /// <summary>Run the idle callback.</summary>
    Idle = 1,

    /// <summary>Suspend.</summary>
    Suspend = 2,

    /// <summary>Suspend once the autosuspend delay has expired.</summary>
    Autosuspend = 3,

    /// <summary>Resume.</summary>
    Resume = 4,
}
