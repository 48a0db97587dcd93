using System.Text;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary>
/// Whatever is in a file, the tool reads it or says in a line what is wrong with it: many that were changed at random, of each
/// kind that it reads, given to each command that reads it.
/// </summary>
public sealed class MutantTests : IDisposable
{
    private const int Seed = 15;

    private static readonly string[] Names = ["open-close", "low-power", "reset"];

    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-mutant-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Dumps() => Attack(
        300, "dump.txt", [.. DumpTexts()], [["show"], ["export"]]);

    [Fact]
    public void Recordings_of_vfio() => Attack(
        150,
        "vfio.jsonl",
        [.. Names.SelectMany(static name => Shortest(new RecordingArchive("linux-6.1/a"), name))],
        [["replay"], ["timeline"], ["run"], ["run", "--profile", "rfc-v1", "--profile", "linux-7.3"]]);

    [Fact]
    public void Recordings_of_runtime_pm() => Attack(
        300, "rpm.jsonl", [.. new RecordingArchive("linux-6.1").Texts.OrderBy(text => text.Length).Take(40)], [["replay"], ["timeline"]]);

    [Fact]
    public void Scenarios() => Attack(
        150,
        "scenario.sc",
        [.. Directory.EnumerateFiles(Path.Combine(SourceFiles.Root, "tests/VfioPm.Tests/Replay/Scenarios/Lab"), "*.sc").Order(StringComparer.Ordinal).Select(File.ReadAllText)],
        [["run"], ["run", "--profile", "linux-6.1", "--topology", "g"]]);

    [Fact]
    public void Reports() => Attack(200, "report.json", [Report("0/2"), Report("1/2")], [["explore", "merge"]]);

    private static IEnumerable<string> Shortest(RecordingArchive archive, string name) => archive.Texts
        .Where(text => text.Contains(name, StringComparison.Ordinal))
        .OrderBy(text => text.Length)
        .Take(10);

    private static IEnumerable<string> DumpTexts() =>
    [
        DeviceImage.FormatLspci([DeviceImages.E1000E]),
        DeviceImage.FormatLspci(
        [
            .. new RecordingArchive("linux-6.1/f").Recordings.Take(1)
                .SelectMany(each => ScenarioTopology.Of(each.Recording).CreateHost(KernelProfile.Linux6_1).Devices)
                .Select(device => device.Hardware.Capture()),
        ]),
    ];

    private static string Report(string shard)
    {
        using StringWriter output = new();
        Program.Run(["explore", "--profile", "linux-6.1", "--depth", "3", "--shard", shard], output, TextWriter.Null);
        return output.ToString();
    }

    private void Attack(int usual, string name, string[] sound, string[][] commands)
    {
        string path = Path.Combine(_folder, name);
        int refused = 0;
        int times = LongRun.Times(usual);
        for (int number = 0; number < times; number++)
        {
            Mutator mutator = new(Seed, number);
            File.WriteAllBytes(path, Encoding.UTF8.GetBytes(mutator.Mutate(mutator.Pick(sound))));
            string[] command = mutator.Pick(commands);
            using StringWriter output = new();
            using StringWriter error = new();
            int code = -1;

            FluentActions.Invoking(() => code = Program.Run([.. command, path], output, error))
                .Should().NotThrow("mutant {0} of {1}, \"{2}\", is in {3}", number, name, string.Join(' ', command), File.ReadAllText(path));

            string said = error.ToString();
            code.Should().BeInRange(0, 2);
            (said.Length > 0).Should().Be(code == 2, "mutant {0} of {1} gave {2} and said {3}", number, name, code, said);
            if (code == 2)
            {
                refused++;
                said.TrimEnd().Split('\n').Should().AllSatisfy(line => line.Should().Contain(path), "mutant {0} of {1}", number, name);
            }
        }

        refused.Should().BeInRange(times / 20, times - (times / 50), "an attacker that is always refused, or never, attacks nothing");
    }
}
