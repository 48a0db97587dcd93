namespace VfioPm;

/// <summary>
/// Straight to the hardware (<c>unassigned_perms</c>): the gaps between capabilities, where some functions
/// hide registers that their drivers need.
/// </summary>
internal sealed class RawHandler : CapabilityHandler
{
    public static readonly RawHandler Instance = new();

    public override KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk) =>
        config.ReadHardware(chunk);

    public override KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value) =>
        config.WriteHardware(chunk, value);
}
