namespace VfioPm;

/// <summary>Where in a test's code the call is that a runtime-PM core carries out, if that is known.</summary>
internal sealed class Caller
{
    public CallSite? Site { get; set; }
}

/// <summary>The time of a call of which it is known where in a test's code it is.</summary>
internal readonly ref struct CallerScope
{
    private readonly Caller _caller;
    private readonly CallSite? _outer;

    public CallerScope(Caller caller, CallSite? site)
    {
        _caller = caller;
        _outer = caller.Site;
        caller.Site = site;
    }

    public void Dispose() => _caller.Site = _outer;
}
