namespace VfioPm.Tests;

/// <summary>
/// A function whose every register can be written, with a log of what <see cref="VirtualConfiguration"/> asks for.
/// </summary>
internal sealed class FakeFunction : IPhysicalConfiguration, IConfigurationHooks, IUserPowerHooks
{
    public FakeFunction(int size = PciRegisters.ConventionalSize)
        : this(size, new ConfigurationBytes(size))
    {
    }

    private FakeFunction(int size, ConfigurationBytes registers)
    {
        Size = size;
        Registers = registers;
    }

    public ConfigurationBytes Registers { get; }

    public List<string> Log { get; } = [];

    public int WriteResult { get; set; }

    public bool IsMsiEnabled { get; set; }

    public int MsiQueueSize { get; set; }

    public uint? VpdData { get; set; }

    public int Index => 0;

    public int Size { get; }

    public CommonArrays Common { get; } = new();

    private byte[] Bytes => [.. Enumerable.Range(0, Size).Select(offset => (byte)Registers[offset, 1])];

    private int VpdResult => VpdData is null ? -Errno.ENODEV : 4;

    /// <summary>Puts a capability at the end of the standard chain.</summary>
    public FakeFunction With(int start, byte id, params byte[] body)
    {
        int link = PciRegisters.CapabilityPointer;
        while (Registers[link, 1] is not 0 and uint next)
        {
            link = (int)next + 1;
        }

        Registers[link, 1] = (uint)start;
        Registers[start, 1] = id;
        for (int i = 0; i < body.Length; i++)
        {
            Registers[start + 2 + i, 1] = body[i];
        }

        Registers[PciRegisters.Status, 2] |= PciRegisters.StatusCapabilityList;
        return this;
    }

    /// <summary>Puts an extended capability somewhere.</summary>
    public FakeFunction WithExtended(int start, int id, int next, uint second = 0, uint third = 0)
    {
        Registers[start, 4] = (uint)(id | (1 << 16) | (next << 20));
        Registers[start + 4, 4] = second;
        Registers[start + 8, 4] = third;
        return this;
    }

    public VirtualConfiguration Open(ConfigurationRules? rules = null, FunctionFacts? facts = null)
    {
        TryOpen(out VirtualConfiguration? configuration, rules, facts).Should().Be(0);
        Log.Clear();
        return configuration!;
    }

    public int TryOpen(
        out VirtualConfiguration? configuration, ConfigurationRules? rules = null, FunctionFacts? facts = null) =>
        VirtualConfiguration.Create(
            this, this, this, rules ?? ConfigurationRules.Linux6_1, facts ?? Facts(), out configuration);

    public FunctionFacts Facts() => new()
    {
        VendorId = 0x1AF4,
        DeviceId = 0x1041,
        Bars = new BarResources(new PciFunction(new VirtualClock(), DeviceImage.FromConfigBytes(Bytes))),
    };

    public uint Read(int offset, int width)
    {
        Log.Add($"read {offset:x}/{width}");
        return Registers[offset, width];
    }

    public KernelCall<uint> ReadByUser(int offset, int width) => Read(offset, width);

    public KernelCall<int> WriteByUser(int offset, int width, uint value)
    {
        Log.Add($"write {offset:x}/{width} {value:x}");
        if (WriteResult >= 0)
        {
            Registers[offset, width] = value;
        }

        return WriteResult;
    }

    public KernelCall<LockScope> LockMemory(bool takeAway)
    {
        Log.Add(takeAway ? "zap and lock" : "lock");
        return new LockScope(new LoggedLock(Log), LockMode.Write);
    }

    public void RestoreDmaBufs()
    {
    }

    public bool IsIntxDisabled { get; private set; }

    public KernelCall SetIntxDisabled(bool value)
    {
        IsIntxDisabled = value;
        return KernelCall.Returned;
    }

    public void TellPowerStateAsked(PowerState state)
    {
    }

    public KernelCall MaskIntx() => Logged("mask INTx");

    public KernelCall UnmaskIntx() => Logged("unmask INTx");

    public KernelCall TryResetFunction() => Logged("reset");

    public KernelCall SetPowerState(PowerState state) => Logged($"set {state}");

    public KernelCall<VpdBytes> ReadVpd(int address) => new VpdBytes(VpdResult, VpdData ?? 0);

    public KernelCall<int> WriteVpd(int address, uint data)
    {
        Log.Add($"VPD {address:x} = {data:x}");
        return VpdResult;
    }

    public KernelCall PutForLowPower() => Logged("put");

    public KernelCall GetForFullPower() => Logged("get");

    public void BeginUserAccess() => Log.Add("begin user");

    public KernelCall EndUserAccess() => Logged("end user");

    public KernelCall BeginHardwareAccess() => Logged("begin hardware");

    public void EndHardwareAccess() => Log.Add("end hardware");

    public IForkable Fork(ForkContext fork) => new FakeFunction(Size, new ConfigurationBytes(Registers));

    private KernelCall Logged(string line)
    {
        Log.Add(line);
        return KernelCall.Returned;
    }

    private sealed class LoggedLock(List<string> log) : IHeldLock
    {
        public int Index => 0;

        public void Release(LockMode mode) => log.Add("unlock");

        public IForkable Fork(ForkContext fork) => new LoggedLock(log);
    }
}

/// <summary>Registers of the user's configuration space, little endian.</summary>
internal static class VirtualConfigurationAccesses
{
    public static uint Get(this VirtualConfiguration configuration, int offset, int width)
    {
        UserMemory memory = new(width);
        configuration.Read(offset, memory).Now().Should().Be(width);
        return (uint)memory.Value;
    }

    public static int Put(this VirtualConfiguration configuration, int offset, int width, uint value) =>
        configuration.Write(offset, new UserMemory(width) { Value = value }).Now();
}
