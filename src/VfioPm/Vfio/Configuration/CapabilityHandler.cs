namespace VfioPm;

/// <summary>What the user's accesses to one kind of capability do (<c>readfn</c> and <c>writefn</c>).</summary>
internal abstract class CapabilityHandler
{
    /// <summary>Where the virtual copy starts at something else than the hardware's value.</summary>
    public virtual void Initialize(ConfigurationBytes copy, int start)
    {
    }

    public abstract uint Read(VirtualConfiguration config, in ConfigurationChunk chunk);

    public abstract KernelResult Write(VirtualConfiguration config, in ConfigurationChunk chunk, uint value);
}
