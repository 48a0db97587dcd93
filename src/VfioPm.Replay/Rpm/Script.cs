namespace VfioPm;

/// <summary>What one callback of a device will do, step by step; when it has run out the callback succeeds.</summary>
internal sealed class Script
{
    private Queue<ScriptStep> _steps = [];

    /// <summary>The step that the callback began last.</summary>
    public ScriptStep Current { get; private set; } = ScriptStep.Succeed;

    /// <summary>The step of a callback that begins now.</summary>
    public ScriptStep Begin() => Current = _steps.TryDequeue(out ScriptStep? next) ? next : ScriptStep.Succeed;

    /// <summary>Replaces the steps that were not begun.</summary>
    public void Replace(IEnumerable<ScriptStep> steps) => _steps = new Queue<ScriptStep>(steps);

    public Script Copy() => new() { _steps = new Queue<ScriptStep>(_steps), Current = Current };
}
