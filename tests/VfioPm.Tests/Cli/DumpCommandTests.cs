using VfioPm.Cli;
using VfioPm.Tests.Pci;

namespace VfioPm.Tests.Cli;

public sealed class DumpCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly List<TemporaryFile> _files = [];

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _files.ForEach(file => file.Dispose());
    }

    [Fact]
    public void Export_writes_what_it_read()
    {
        string text = DeviceImage.FormatLspci([DeviceImages.RootPort, DeviceImages.Nvme]);

        Run("export", WriteDump(text)).Should().Be(0);

        _output.ToString().Should().Be(text);
        _error.ToString().Should().BeEmpty();
    }

    [Fact]
    public void Show_says_what_matters_for_power()
    {
        DeviceImage image = DeviceImages.Nvme.WithPowerManagement(0xca03, 0x010b);

        Run("show", WriteDump(image.ToLspci())).Should().Be(0);

        _output.ToString().Should()
            .StartWith("0000:01:00.0 Non-Volatile memory controller: Device 1b36:0010 (rev 02)")
            .And.Contain("[60] version 3, states D0 D1 D3hot, ")
            .And.Contain("0x010b: D3hot, registers survive D3hot (NoSoftReset)")
            .And.Contain("from D0 D3hot D3cold; enabled, status clear")
            .And.Contain("[80] version 2, Endpoint, function level reset")
            .And.Contain("[40] MSI-X");
    }

    [Fact]
    public void Show_reports_a_broken_list()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[0xd1] = 0xc8;

        Run("show", WriteDump(DeviceImages.E1000E.WithBytes(bytes).ToLspci())).Should().Be(0);

        _output.ToString().Should().Contain("the pointer at 0xd1 is 0xc8, which the list has passed already");
    }

    [Fact]
    public void Show_says_when_nothing_answered()
    {
        byte[] bytes = new byte[256];
        bytes.AsSpan().Fill(0xff);

        Run("show", WriteDump(DeviceImage.FromConfigBytes(bytes).ToLspci())).Should().Be(0);

        _output.ToString().Should().Contain("nothing answered");
    }

    [Theory]
    [InlineData("show")]
    [InlineData("export")]
    public void A_dump_that_does_not_parse_is_refused_by_file_and_place(string command)
    {
        string path = WriteDump("01:00.0 A card\n00: 12 3x\n");

        Run(command, path).Should().Be(2);

        _error.ToString().Should().StartWith($"vfio-pm: {path}: Line 2, column 9: ");
        _output.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("/nowhere/at/all.txt")]
    [InlineData("/")]
    [InlineData("")]
    public void A_file_that_cannot_be_read_is_refused(string path)
    {
        Run("show", path).Should().Be(2);

        _error.ToString().Should().Match($"vfio-pm: *{path}*");
    }

    [Theory]
    [InlineData("show")]
    [InlineData("export", "a", "b")]
    [InlineData("sing")]
    public void A_wrong_command_line_is_refused(params string[] args)
    {
        Run(args).Should().Be(2);

        _error.ToString().Should().StartWith("vfio-pm: ");
    }

    private string WriteDump(string text)
    {
        _files.Add(new TemporaryFile(text));
        return _files[^1].Path;
    }

    private int Run(params string[] args) => Program.Run(args, _output, _error);
}
