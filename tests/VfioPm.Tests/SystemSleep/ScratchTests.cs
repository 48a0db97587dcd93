namespace VfioPm.Tests;

public sealed class ScratchTests(ITestOutputHelper output)
{
    public static TheoryData<string, SystemSleepState, string> All
    {
        get
        {
            var data = new TheoryData<string, SystemSleepState, string>();
            foreach (KernelProfile p in KernelProfile.All)
            {
                foreach (SystemSleepState s in Enum.GetValues<SystemSleepState>())
                {
                    foreach (string how in new[] { "none", "bound", "open", "d3", "low" })
                    {
                        data.Add(p.Name, s, how);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Look(string profile, SystemSleepState state, string how)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        VfioDeviceFile? file = null;
        if (how != "none")
        {
            VfioPciDevice bound = machine.Bind();
            if (how != "bound")
            {
                file = bound.Open();
                file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
                if (how != "open")
                {
                    file.Config.WritePmcsrState(PowerState.D3Hot);
                }

                if (how == "low")
                {
                    _ = file.EnterLowPower();
                }
            }
        }

        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        void Show(string when) => output.WriteLine($"{when} {machine.Host.Clock.Now} nic {machine.Nic} hw {machine.Nic.Hardware.PowerState} cmd {machine.Nic.Hardware.Configuration.Read(4, 2):x} port {machine.Port} hw {machine.Port.Hardware.PowerState} user {file?.Config.Read(4, 2):x} {file?.Config.ReadPmcsrState()}");
        Show("before");
        PendingCall call = machine.Host.SystemSleep.BeginSuspend(state, TimeSpan.FromHours(8));
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        output.WriteLine($"asleep {machine.Host.SystemSleep.IsAsleep} {machine.Host.Clock.TimeAsleep} nic {machine.Nic} hw {machine.Nic.Hardware.PowerState} port {machine.Port} hw {machine.Port.Hardware.PowerState}");
        machine.Host.Clock.Advance(TimeSpan.FromHours(8));
        output.WriteLine($"{call.Result}");
        Show("after");
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        Show("later");
        foreach (var line in machine.Host.Log) { output.WriteLine(line.ToString()!); }
    }
}
