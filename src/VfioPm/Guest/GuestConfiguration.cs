namespace VfioPm;

/// <summary>
/// The virtual device's configuration space as a kernel reaches it from the guest's side, and as it found it when it
/// enumerated the device. Each access leaves the guest.
/// </summary>
internal sealed class GuestConfiguration : IPciConfiguration
{
    private readonly VirtualDevice _device;
    private readonly Kernel _kernel;

    private GuestConfiguration(VirtualDevice device, Kernel kernel, byte[] found)
    {
        _device = device;
        _kernel = kernel;
        Found = new ConfigurationSpace(new ConfigurationLayout(found));
        Capabilities = CapabilityList.Walk(found);
        Pm = PmCapability.Find(Found, Capabilities);
        Bars = BarDecoder.Decode(found, BarSizes.Unknown);
    }

    private GuestConfiguration(GuestConfiguration original, ForkContext fork)
    {
        fork.Register(original, this);
        _device = fork.Of(original._device);
        _kernel = fork.Of(original._kernel);
        Found = original.Found.Copy();
        Capabilities = original.Capabilities;
        Pm = original.Pm?.In(Found);
        Bars = original.Bars;
        IsDisconnected = original.IsDisconnected;
    }

    public bool IsDisconnected { get; set; }

    public int Index => _device.Index;

    public ConfigurationSpace Found { get; }

    public CapabilityList Capabilities { get; }

    public PmCapability? Pm { get; }

    public IReadOnlyList<Bar> Bars { get; }

    // What a kernel takes for a function of which no quirk says anything else (PCI_PM_D3HOT_WAIT, PCI_PM_D3COLD_WAIT).
    public TimeSpan D3HotDelay => TimeSpan.FromMilliseconds(10);

    public TimeSpan D3ColdDelay => TimeSpan.FromMilliseconds(100);

    /// <summary>Enumerates the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="kernel">Whose threads access it: the guest's kernel, or the host's for the VMM.</param>
    public static async KernelCall<GuestConfiguration> Find(VirtualDevice device, Kernel kernel)
    {
        UserMemory found = await device.ReadAllConfig(kernel);
        return new GuestConfiguration(device, kernel, found.Bytes.ToArray());
    }

    public KernelCall<uint> Read(int offset, int width) => IsDisconnected
        ? uint.MaxValue >> (32 - (8 * width))
        : _device.ReadConfig(_kernel, offset, width);

    public KernelCall Write(int offset, int width, uint value) => IsDisconnected
        ? KernelCall.Returned
        : _device.WriteConfig(_kernel, offset, width, value);

    public async KernelCall Update(int offset, int width, uint clear, uint set)
    {
        uint before = await Read(offset, width);
        await Write(offset, width, (before & ~clear) | set);
    }

    public async KernelCall Save(ConfigurationSnapshot copy)
    {
        for (int dword = 0; dword < copy.Header.Length; dword++)
        {
            uint value = await Read(4 * dword, 4);
            copy.ChangeHeader()[dword] = value;
        }

        for (int i = 0; i < copy.Registers.Length; i++)
        {
            if (copy.Registers[i].IsSaved)
            {
                uint value = await Read(copy.Registers[i].Offset, copy.Registers[i].Width);
                copy.ChangeValues()[i] = value;
            }
        }
    }

    public async KernelCall Restore(ConfigurationSnapshot copy)
    {
        await Restore(copy, 0, copy.BeforeHeader);
        await RestoreHeader(copy);
        await Restore(copy, copy.BeforeHeader, copy.Registers.Length);
    }

    public IForkable Fork(ForkContext fork) => new GuestConfiguration(this, fork);

    public void AddTo(ref StateHash hash) => Found.AddTo(ref hash);

    private async KernelCall Restore(ConfigurationSnapshot copy, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            SavedRegister register = copy.Registers[i];
            uint before = register.Kept == 0 ? 0 : await Read(register.Offset, register.Width);
            await Write(register.Offset, register.Width, register.Restored(before, copy.Values[i]));
        }
    }

    private async KernelCall RestoreHeader(ConfigurationSnapshot copy)
    {
        for (int dword = copy.Header.Length - 1; dword >= 0; dword--)
        {
            if (await Read(4 * dword, 4) != copy.Header[dword])
            {
                await Write(4 * dword, 4, copy.Header[dword]);
                await Insist(copy, dword);
            }
        }
    }

    /// <summary>Writes a BAR again that does not hold what was written.</summary>
    private async KernelCall Insist(ConfigurationSnapshot copy, int dword)
    {
        for (int retry = 0; retry < ConfigurationSnapshot.Retries && copy.IsChecked(dword); retry++)
        {
            if (await Read(4 * dword, 4) == copy.Header[dword])
            {
                return;
            }

            await _kernel.Delay(ConfigurationSnapshot.RetryDelay);
            await Write(4 * dword, 4, copy.Header[dword]);
        }
    }
}
