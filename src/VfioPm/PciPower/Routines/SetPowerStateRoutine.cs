namespace VfioPm;

/// <summary>
/// Changes a function's power state through PMCSR and the platform (<c>pci_set_power_state()</c>). The argument
/// is the <see cref="PowerState"/>.
/// </summary>
internal sealed class SetPowerStateRoutine : Routine
{
    public static readonly SetPowerStateRoutine Instance = new();

    private enum Steps
    {
        Begin,
        PoweredUp,
        Lowered,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        return (Steps)self.At switch
        {
            Steps.Begin => Begin(actor, ref self, device),
            Steps.PoweredUp => PoweredUp(device, self.Returned),
            _ => Lowered(device, (PowerState)self.Argument, self.Returned),
        };
    }

    private static Flow Begin(Actor actor, ref Activation self, PciDevice device)
    {
        var state = (PowerState)self.Argument;

        // A driver may ask for what the function does not have; that is no error.
        bool isMissing = state is PowerState.D1 or PowerState.D2 && !device.HasIntermediateState(state);
        if (isMissing || device.PowerState == state)
        {
            return Flow.Return(0);
        }

        if (state == PowerState.D0)
        {
            self.At = (int)Steps.PoweredUp;
            return actor.Call(PowerUpRoutine.Instance, self.Device);
        }

        // D3cold is D3hot with the power cut afterwards.
        PowerState native = state == PowerState.D3Cold ? PowerState.D3Hot : state;
        self.At = (int)Steps.Lowered;
        return actor.Call(LowerPowerRoutine.Instance, self.Device, argument: (int)native);
    }

    /// <summary><c>pci_set_full_power_state()</c>.</summary>
    private static Flow PoweredUp(PciDevice device, KernelResult result)
    {
        if (result.IsError)
        {
            return Flow.Return(device.PowerState == PowerState.D0 ? 0 : result.Value);
        }

        var state = (PowerState)(device.ReadConfig(device.Pm!.ControlStatusOffset, 2) & PmRegisters.StateMask);
        device.SetCurrentState(state);
        if (state != PowerState.D0)
        {
            PciPowerLog.Refused(device.Logger, device.Name, state.KernelName, "D0");
        }
        else if (result.Value > 0)
        {
            // The function may be uninitialised; at least its BARs are needed.
            device.SavedState.RestoreBars();
        }

        return Flow.Return(0);
    }

    private static Flow Lowered(PciDevice device, PowerState state, int error)
    {
        if (!device.TrySetPlatformState(state))
        {
            if (device.Pm is null)
            {
                device.SetCurrentState(PowerState.D0);
            }

            return Flow.Return(error);
        }

        device.UpdateCurrentState(state);
        if (device.PowerState == PowerState.D3Cold)
        {
            using (device.Core.Clock.Because(new Cause("power switched off", device.Name)))
            {
                device.SetStateOfAllBelow(PowerState.D3Cold);
            }
        }

        return Flow.Return(0);
    }
}
