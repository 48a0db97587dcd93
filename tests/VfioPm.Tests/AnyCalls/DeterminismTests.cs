using System.Diagnostics;
using System.Text.Json.Nodes;
using VfioPm.AnyCalls;

namespace VfioPm.Tests;

/// <summary>
/// What comes of a run, its state, trace, log and pictures, is the same wherever it is made: in whatever process, culture and time zone, on
/// any number of processors, and of code that the compiler optimizes or does not.
/// </summary>
public sealed class DeterminismTests : IDisposable
{
    private static readonly KernelProfile Profile = KernelProfile.Linux7_3;

    private static readonly Lazy<string> Here = new(() => Fingerprint.Of(Profile));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfio-pm-determinism-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Cultures that write minus, decimals, capitals, or years in their own ways.</summary>
    [Theory]
    [InlineData("tr-TR", "Asia/Kathmandu", 1, false)]
    [InlineData("ar-SA", "America/St_Johns", 2, false)]
    [InlineData("th-TH", "Pacific/Chatham", 4, true)]
    [InlineData("de-DE", "UTC", 2, false)]
    public async Task Another_process_gives_the_same(string culture, string zone, int processors, bool isUnoptimized)
    {
        string config = Path.Combine(_folder.FullName, "cultures.runtimeconfig.json");
        File.WriteAllText(config, ConfigWithCultures());
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["TZ"] = zone,
                ["LC_ALL"] = $"{culture.Replace('-', '_')}.UTF-8",
                ["DOTNET_PROCESSOR_COUNT"] = $"{processors}",
                ["DOTNET_JITMinOpts"] = isUnoptimized ? "1" : "0",
            },
        };
        string[] arguments =
        [
            "exec", "--runtimeconfig", config, "--depsfile", Beside(".deps.json"), Beside(".dll"), "--fingerprint", "--profile", Profile.Name,
            "--culture", culture,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using Process process = Process.Start(start)!;
        Task<string> told = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await told;

        Assert.SkipWhen(error.Contains("ICU", StringComparison.Ordinal), "this machine has no cultures");
        error.Should().BeEmpty();
        output.TrimEnd().Should().Be(Here.Value);
    }

    [Fact]
    public void Several_at_once_give_the_same()
    {
        string[] all = new string[4];
        Parallel.For(0, all.Length, i => all[i] = Fingerprint.Of(Profile));

        all.Should().OnlyContain(one => one == Here.Value);
    }

    [Theory]
    [MemberData(nameof(AnyCallTests.Profiles), MemberType = typeof(AnyCallTests))]
    public void A_host_whose_trace_is_off_does_the_same(string profile)
    {
        foreach (StandardTopology topology in StandardTopology.All)
        {
            SimulatedHost traced = topology.Make(KernelProfile.Parse(profile));
            SimulatedHost quiet = topology.Make(KernelProfile.Parse(profile));
            quiet.Trace.IsEnabled = false;

            Fingerprint.Use(traced, topology);
            Fingerprint.Use(quiet, topology);

            quiet.ComputeStateHash().Should().Be(traced.ComputeStateHash(), topology.Name);
            quiet.Log.ToString().Should().Be(traced.Log.ToString());
            quiet.Clock.Now.Should().Be(traced.Clock.Now);
        }
    }

    /// <summary>The tests run without cultures, as tools do.</summary>
    private static string ConfigWithCultures()
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(Beside(".runtimeconfig.json")))!;
        config["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"] = false;
        return config.ToJsonString();
    }

    private static string Beside(string extension) => Path.ChangeExtension(typeof(Fingerprint).Assembly.Location, extension);
}
