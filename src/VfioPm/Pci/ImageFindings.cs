using System.Collections.Concurrent;

namespace VfioPm;

/// <summary>
/// What is found in an image once, however many functions are made from it: they differ in their addresses. Any number of threads may
/// make hosts from one image.
/// </summary>
internal sealed class ImageFindings(byte[] space)
{
    private readonly Lazy<CapabilityList> _capabilities = new(() => CapabilityList.Walk(space));

    /// <summary>The whole space, which nobody writes to.</summary>
    public byte[] Space => space;

    public CapabilityList Capabilities => _capabilities.Value;

    /// <summary>What each bit is, in silicon that behaves so, and of a virtual function or another (<see cref="LayoutBuilder"/>).</summary>
    public ConcurrentDictionary<(HardwareBehavior Behavior, bool IsVirtual), ConfigurationLayout> Layouts { get; } = new();
}
