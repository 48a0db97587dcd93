using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VfioPm.AnyCalls;

/// <summary>
/// Everything that somebody can get of a run, in one number: state, trace, log and pictures, of machines that people use and of calls at
/// random. Wherever it is computed, it is the same.
/// </summary>
internal static class Fingerprint
{
    private const int Deeds = 200;
    private const int Calls = 120;

    /// <summary>"linux-7.3 9f0c…".</summary>
    public static string Of(KernelProfile profile)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (StandardTopology topology in StandardTopology.All)
        {
            SimulatedHost host = topology.Make(profile);
            host.Trace.KeepReasons();
            Use(host, topology);

            // Some kernels let a count fall below zero, and cultures write that in their own ways.
            RuntimePmDevice custom = host.RuntimePm.AddDevice("custom");
            custom.PutNoIdle();
            custom.PutNoIdle();
            Add(hash, $"{custom}, {RuntimePmCheck.HasUsageCount(custom, 5).Look()}");
            Add(hash, string.Join('\n', host.Devices));
            Add(hash, host.ComputeStateHash().ToString("x", CultureInfo.InvariantCulture));
            Add(hash, host.Trace.ToString());
            Add(hash, host.Trace.ToTimeline().ToString());
            Add(hash, host.Trace.ToJson());
            Add(hash, host.Log.ToString());
            Add(hash, DeviceImage.FormatLspci([.. host.Devices.Select(static device => device.Hardware.Capture())]));
            foreach (PciDevice device in host.Devices)
            {
                Add(hash, EnergyAccount.Of(device, PowerRating.LaptopGpu).ToString());
            }

            foreach (PictureFormat format in PictureFormat.All)
            {
                Add(hash, host.Trace.ToPicture().To(format));
            }
        }

        foreach (string told in new CallTrial(profile, seed: 1, Calls).Tell())
        {
            // What .NET says of an argument is in the reader's culture: a record's ToString(), an exception's message.
            Add(hash, told.Split("Exception: ")[0].Split(" → ")[^1]);
        }

        return $"{profile} {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    /// <summary>People use a machine for a while.</summary>
    public static void Use(SimulatedHost host, StandardTopology topology)
    {
        var citizens = new Citizens(host, topology.Name);
        foreach (int number in new CitizenTrial(host.Profile, seed: 1, Deeds).Numbers)
        {
            citizens.Do(number);
        }
    }

    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
}
