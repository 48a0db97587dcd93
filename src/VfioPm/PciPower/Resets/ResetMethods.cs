namespace VfioPm;

/// <summary>How a function can be reset (<c>reset_methods</c>).</summary>
public sealed class ResetMethods
{
    // Replaced as a whole.
    private ResetMethod[] _methods = [];

    internal ResetMethods()
    {
    }

    internal ResetMethods(ResetMethods original)
    {
        _methods = original._methods;
        HasAttributes = original.HasAttributes;
    }

    /// <summary>What is tried, in this order.</summary>
    public IReadOnlyList<ResetMethod> Methods => Array.AsReadOnly(_methods);

    /// <summary>
    /// Whether sysfs has <c>reset</c> and <c>reset_method</c>: decided when the function is added, whatever the methods
    /// are set to later.
    /// </summary>
    public bool HasAttributes { get; private set; }

    internal bool IsSupported => _methods.Length > 0;

    /// <summary>Takes what was found when the function was added.</summary>
    internal void Initialize(ResetMethod[] found)
    {
        _methods = found;
        HasAttributes = IsSupported;
    }

    /// <summary>Sets the methods (sysfs <c>reset_method</c>).</summary>
    internal void Set(ResetMethod[] methods) => _methods = methods;

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_methods.Length);
        foreach (ResetMethod method in _methods)
        {
            hash.Add((int)method);
        }

        hash.Add(HasAttributes);
    }
}
