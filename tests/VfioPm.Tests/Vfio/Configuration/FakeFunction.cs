namespace VfioPm.Tests;

/// <summary>
/// A function whose every register can be written, with a log of what <see cref="VirtualConfiguration"/> asks for.
/// </summary>
internal sealed class FakeFunction : IPhysicalConfiguration, IConfigurationHooks, IUserPowerHooks
{
    private readonly byte[] _bytes;

    public FakeFunction(int size = PciRegisters.ConventionalSize)
        : this(new byte[size])
    {
    }

    private FakeFunction(byte[] bytes)
    {
        _bytes = bytes;
        Registers = new ConfigurationBytes(bytes);
    }

    public ConfigurationBytes Registers { get; }

    public List<string> Log { get; } = [];

    public KernelResult WriteResult { get; set; }

    public bool IsMsiEnabled { get; set; }

    public int MsiQueueSize { get; set; }

    public uint? VpdData { get; set; }

    public int Size => _bytes.Length;

    /// <summary>Puts a capability at the end of the standard chain.</summary>
    public FakeFunction With(int start, byte id, params byte[] body)
    {
        int link = PciRegisters.CapabilityPointer;
        while (_bytes[link] != 0)
        {
            link = _bytes[link] + 1;
        }

        _bytes[link] = (byte)start;
        _bytes[start] = id;
        body.CopyTo(_bytes, start + 2);
        Registers[PciRegisters.Status, 2] |= PciRegisters.StatusCapabilityList;
        return this;
    }

    /// <summary>Puts an extended capability somewhere.</summary>
    public FakeFunction WithExtended(int start, int id, int next, uint second = 0)
    {
        Registers[start, 4] = (uint)(id | (1 << 16) | (next << 20));
        Registers[start + 4, 4] = second;
        return this;
    }

    public VirtualConfiguration Open(ConfigurationRules? rules = null, FunctionFacts? facts = null)
    {
        KernelResult result = TryOpen(out VirtualConfiguration? configuration, rules, facts);
        result.Should().Be(KernelResult.Success);
        Log.Clear();
        return configuration!;
    }

    public KernelResult TryOpen(
        out VirtualConfiguration? configuration, ConfigurationRules? rules = null, FunctionFacts? facts = null) =>
        VirtualConfiguration.Create(
            this, this, this, rules ?? ConfigurationRules.Linux6_1, facts ?? Facts(), out configuration);

    public FunctionFacts Facts() => new()
    {
        VendorId = 0x1AF4,
        DeviceId = 0x1041,
        Bars = new BarResources(new PciFunction(new VirtualClock(), DeviceImage.FromConfigBytes(_bytes))),
    };

    public uint Read(int offset, int width)
    {
        Log.Add($"read {offset:x}/{width}");
        return Registers[offset, width];
    }

    public KernelResult Write(int offset, int width, uint value)
    {
        Log.Add($"write {offset:x}/{width} {value:x}");
        if (!WriteResult.IsError)
        {
            Registers[offset, width] = value;
        }

        return WriteResult;
    }

    public void LockMemory(bool zapMappings) => Log.Add(zapMappings ? "zap and lock" : "lock");

    public void UnlockMemory() => Log.Add("unlock");

    public void MaskIntx() => Log.Add("mask INTx");

    public void UnmaskIntx() => Log.Add("unmask INTx");

    public void TryResetFunction() => Log.Add("reset");

    public void SetPowerState(PowerState state) => Log.Add($"set {state}");

    public KernelResult ReadVpd(int address, out uint data)
    {
        data = VpdData ?? 0;
        return VpdData is null ? Errno.ENODEV : 4;
    }

    public KernelResult WriteVpd(int address, uint data)
    {
        Log.Add($"VPD {address:x} = {data:x}");
        return VpdData is null ? Errno.ENODEV : 4;
    }

    public void PutForLowPower() => Log.Add("put");

    public void GetForFullPower() => Log.Add("get");

    public void BeginUserAccess() => Log.Add("begin user");

    public void EndUserAccess() => Log.Add("end user");

    public void BeginHardwareAccess() => Log.Add("begin hardware");

    public void EndHardwareAccess() => Log.Add("end hardware");

    public IForkable Fork(ForkContext fork) => new FakeFunction([.. _bytes]);
}

/// <summary>Registers of the user's configuration space, little endian.</summary>
internal static class VirtualConfigurationAccesses
{
    public static uint Get(this VirtualConfiguration configuration, int offset, int width)
    {
        Span<byte> bytes = stackalloc byte[4];
        configuration.Read(offset, bytes[..width]).Value.Should().Be(width);
        return BitConverter.ToUInt32(bytes);
    }

    public static KernelResult Put(this VirtualConfiguration configuration, int offset, int width, uint value) =>
        configuration.Write(offset, BitConverter.GetBytes(value).AsSpan(0, width));
}
