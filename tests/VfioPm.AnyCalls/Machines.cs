namespace VfioPm.AnyCalls;

/// <summary>Machines of all kinds: those that kernels were recorded on, and others whose silicon is broken.</summary>
internal static class Machines
{
    public static SimulatedHost Make(KernelProfile profile, Random random)
    {
        SimulatedHost host = random.Next(3) > 0
            ? StandardTopology.All[random.Next(StandardTopology.All.Count)].Make(profile)
            : MakeBroken(profile, random);
        if (random.Next(3) == 0)
        {
            Listen(host, random);
        }

        foreach (PciDevice device in host.Devices)
        {
            if (!device.IsBridge && random.Next(4) > 0)
            {
                _ = host.VfioPci.TryBind(device);
            }
        }

        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            if (random.Next(4) > 0 && device.TryOpen(out VfioDeviceFile? file) == KernelResult.Success)
            {
                file!.TryMap(0, 0, 0x1000, out _);
                if (random.Next(4) == 0)
                {
                    host.Boot(file, static setup => setup.WithWakeup());
                }
            }
        }

        return host;
    }

    /// <summary>A network card in a slot that is served while the machine runs.</summary>
    public static SimulatedHost MakeWithSlot(KernelProfile profile)
    {
        var host = new SimulatedHost(profile, firmware: new Firmware { GrantsHotplug = true, GrantsPme = true });
        PciDevice port = host.AddRootPort(
            "0000:00:03.0", static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()).WithPowerResource().WithWake().WithHotplugInD3());
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0"));
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        return host;
    }

    private static void Listen(SimulatedHost host, Random random)
    {
        Action<SimulatedHost>[] ways =
        [
            static host => host.Clock.Operations.Add(Busybody.Instance),
            static host => host.RuntimePm.Events.Add(Busybody.Instance),
            static host => host.Topology.Events.Add(Busybody.Instance),
            static host => host.VfioPci.Events.Add(Busybody.Instance),
            static host => host.Log.Events.Add(Busybody.Instance),
            static host => host.Kernel.Scheduler = Busybody.Instance,
        ];
        Arguments.Pick(ways, random)(host);
    }

    private static SimulatedHost MakeBroken(KernelProfile profile, Random random)
    {
        var host = new SimulatedHost(
            profile,
            new VfioModuleParameters { EnableSriov = true, DisableIdleD3 = random.Next(4) == 0, NoIntxMask = random.Next(4) == 0, DisableVga = random.Next(2) == 0 },
            new Firmware
            {
                Year = random.Next(2) == 0 ? 2014 : 2020,
                GrantsErrorReporting = random.Next(2) == 0,
                GrantsHotplug = random.Next(2) == 0,
                GrantsPme = random.Next(2) == 0,
                NeedsNoResetDelay = random.Next(4) == 0,
            },
            loggerFactory: random.Next(2) == 0 ? Busybody.Instance : null,
            bootTime: TimeSpan.FromSeconds(random.Next(100)),
            commandLine: new KernelCommandLine { HasNativePorts = random.Next(2) == 0, PortPm = (PciePortPm)random.Next(3) });
        DeviceImage[] images = [DeviceImages.E1000E, DeviceImages.Nvme, DeviceImages.SriovNvme, CutCapabilities.Draw(random)];
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => SetUp(setup, random));
        port.AddEndpoint("0000:01:00.0", Arguments.Pick(images, random), setup => SetUp(setup, random));
        port.AddEndpoint("0000:01:00.1", Arguments.Pick(images, random), setup => SetUp(setup, random));
        host.AddEndpoint("0000:00:05.0", Arguments.Pick(images, random), setup => SetUp(setup, random));
        return host;
    }

    private static void SetUp(FunctionSetup setup, Random random)
    {
        if (random.Next(2) == 0)
        {
            setup.WithPowerResource();
        }

        if (random.Next(3) == 0)
        {
            setup.WithWake((PowerState)random.Next(3, 5));
        }

        if (random.Next(3) == 0)
        {
            setup.WithRegisters(Busybody.Instance);
        }

        if (random.Next(3) == 0)
        {
            setup.WithReadiness(TimeSpan.FromMilliseconds(random.Next(200)), TimeSpan.FromMilliseconds(random.Next(20)));
        }

        TimeSpan[] silences =
            [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(90), HardwareBehavior.Forever];
        setup.WithBehavior(new HardwareBehavior
        {
            AnswersAfterBusReset = random.Next(2) == 0,
            AnswersMemoryInEveryState = random.Next(6) == 0,
            AnswersWithoutPower = random.Next(6) == 0,
            DropsRequestsWhileNotReady = random.Next(6) == 0,
            IgnoresD3Hot = random.Next(6) == 0,
            KeepsPmcsrOverResets = random.Next(6) == 0,
            KeepsRegistersOverD3Hot = random.Next(6) == 0,
            KeepsRegistersWithoutPower = random.Next(6) == 0,
            KeepsSriovOverResets = random.Next(6) == 0,
            LetsCardGoWhenOff = random.Next(6) == 0,
            LosesLinkWithPower = random.Next(6) == 0,
            NeverCompletesVpd = random.Next(6) == 0,
            ResetsDespiteNoSoftReset = random.Next(6) == 0,
            SendsNoPme = random.Next(6) == 0,
            SilenceAfterD3Hot = Arguments.Pick(silences, random),
            SilenceAfterFunctionLevelReset = Arguments.Pick(silences, random),
            SilenceAfterPowerOn = Arguments.Pick(silences, random),
            UnansweredMemoryReadsZero = random.Next(6) == 0,
        });
    }
}
