namespace VfioPm.Tests;

/// <summary>
/// A function's silicon as <see cref="IPhysicalConfiguration"/>. A write that nothing answers is lost without an error.
/// </summary>
internal sealed class SiliconConfiguration(PciFunction function) : IPhysicalConfiguration
{
    public int Index => 0;

    public int Size => function.Configuration.Size;

    public CommonArrays Common { get; } = new();

    public uint Read(int offset, int width) => function.ReadConfig(offset, width);

    public KernelCall<uint> ReadByUser(int offset, int width) => Read(offset, width);

    public KernelCall<int> WriteByUser(int offset, int width, uint value) => Write(offset, width, value);

    public int Write(int offset, int width, uint value)
    {
        function.WriteConfig(offset, width, value);
        return 0;
    }

    public IForkable Fork(ForkContext fork) => new SiliconConfiguration(fork.Of(function));
}
