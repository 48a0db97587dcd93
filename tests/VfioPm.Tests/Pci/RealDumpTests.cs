using System.Diagnostics;

namespace VfioPm.Tests.Pci;

/// <summary>
/// Dumps of real machines, and the real lspci as judge. Both are used where they are; the repository has only
/// dumps of an emulator.
/// </summary>
public class RealDumpTests
{
    private static readonly DirectoryInfo? Dumps = FindDumps();

    public static IEnumerable<TheoryDataRow<string>> DumpNames() =>
        Dumps is null
            ? [new TheoryDataRow<string>("") { Skip = "There are no dumps beside the repository." }]
            : Dumps.GetFiles("*.txt", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Dumps.FullName, file.FullName))
                .Order(StringComparer.Ordinal)
                .Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(DumpNames))]
    public void Lspci_says_of_the_export_what_it_says_of_the_dump(string name)
    {
        string path = Path.Combine(Dumps!.FullName, name);
        AssertSameDecode(path, File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(DumpNames))]
    public void Reading_a_dump_and_writing_it_is_stable(string name)
    {
        IReadOnlyList<DeviceImage> images =
            DeviceImage.ParseLspci(File.ReadAllText(Path.Combine(Dumps!.FullName, name)));

        string written = DeviceImage.FormatLspci([.. images]);

        DeviceImage.FormatLspci([.. DeviceImage.ParseLspci(written)]).Should().Be(written);
    }

    [Fact]
    public void Lspci_says_of_the_export_what_it_says_of_a_broken_chain()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[0xd1] = 0xc8;
        bytes[0x102] = 0x02;
        bytes[0x103] = 0x10;
        string text = DeviceImages.E1000E.WithBytes(bytes).ToLspci();
        using var dump = new TemporaryFile(text);

        AssertSameDecode(dump.Path, text);
    }

    [Fact]
    public void Lspci_decodes_what_the_model_writes()
    {
        PciFunction function = PciFunction.Standalone(
            DeviceImages.E1000E.WithPowerManagement(0x4a03, PmRegisters.NoSoftReset));
        function.WriteConfig(function.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable | (uint)PowerState.D3Hot);

        using var dump = new TemporaryFile(function.Capture().ToLspci());

        Lspci(dump.Path).Should()
            .Contain("Flags: PMEClk- DSI- D1+ D2- AuxCurrent=0mA PME(D0+,D1-,D2-,D3hot+,D3cold-)")
            .And.Contain("Status: D3 NoSoftRst+ PME-Enable+ DSel=0 DScale=0 PME-");
    }

    private static void AssertSameDecode(string path, string text)
    {
        DeviceImage[] held =
            [.. DeviceImage.ParseLspci(text).Select(image => PciFunction.Standalone(image).Capture())];
        using var export = new TemporaryFile(DeviceImage.FormatLspci(held));

        Lspci(export.Path).Should().Be(Lspci(path)).And.NotBeEmpty();
    }

    private static string Lspci(string path)
    {
        try
        {
            using Process lspci = Process.Start(new ProcessStartInfo("lspci", ["-vvv", "-F", path])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            lspci.ErrorDataReceived += (_, _) => { };
            lspci.BeginErrorReadLine();
            string output = lspci.StandardOutput.ReadToEnd();
            lspci.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no lspci on the PATH (apt-get install pciutils).");
            return "";
        }
    }

    private static DirectoryInfo? FindDumps()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "VfioPm.sln")))
            {
                var dumps = new DirectoryInfo(Path.Combine(at.FullName, "..", "shared", "dumps"));
                return dumps.Exists ? dumps : null;
            }
        }

        return null;
    }
}
