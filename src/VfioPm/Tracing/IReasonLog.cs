namespace VfioPm;

/// <summary>
/// Who keeps why each device was as it was, moment by moment. The explanations are the checks', which know the trace; it knows them
/// by this alone.
/// </summary>
internal interface IReasonLog : IMomentListener
{
    /// <summary>Why a device was as it was, up to now; empty for one of which nothing was kept.</summary>
    IReadOnlyList<Reason> Of(string device);
}
