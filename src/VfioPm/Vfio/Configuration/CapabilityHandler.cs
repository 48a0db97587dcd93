namespace VfioPm;

/// <summary>What the user's accesses to one kind of capability do (<c>readfn</c> and <c>writefn</c>).</summary>
internal abstract class CapabilityHandler : IUnchanging
{
    /// <summary>Where the virtual copy starts at something else than the hardware's value.</summary>
    public virtual void Initialize(ConfigurationBytes copy, int start)
    {
    }

    public abstract KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk);

    public abstract KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value);
}
