using System.Net.Sockets;
using System.Text;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary><c>vfio-pm serve</c>: its options, and what is wrong with them. What it serves, the tests of the server say.</summary>
public sealed class ServeCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-serve-").FullName;
    private byte[] _identity = [];

    private string SocketPath => Path.Combine(_folder, "device");

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Each_option_reaches_the_server()
    {
        string dump = Write("nvme.txt", DeviceImages.Nvme.ToLspci());
        string emitted = Path.Combine(_folder, "new", "emitted.jsonl");

        (int code, byte[] identity) = ServeOnce(
            "--profile", "linux-6.12", "--as", "silicon", "--device", dump, "--platform", "no-power-cut",
            "--behavior", "IgnoresD3Hot", "--behavior", "SilenceAfterPowerOn=forever", "--speed", "2.5", "--emit", emitted);

        code.Should().Be(0, _error.ToString());
        identity.Should().Equal(0x36, 0x1b, 0x10, 0x00);
        _output.ToString().Should().Contain("0000:01:00.0 as Silicon on linux-6.12 at ");
        Recording recording = RecordingFile.Find(emitted).Single().Read().Single();
        recording.Header["profile"]!.GetValue<string>().Should().Be("linux-6.12");
        recording.Header["platform"]![0]!["power_resource"]!.GetValue<bool>().Should().BeFalse();
        recording.Header["platform"]![1]!["silicon"]!.ToJsonString().Should().Be("""["IgnoresD3Hot","SilenceAfterPowerOn=forever"]""");
        Program.Run(["replay", emitted], _output, _error).Should().Be(0, _output.ToString());
        Program.Run(["timeline", emitted], _output, _error).Should().Be(0, _error.ToString());
        File.Exists(SocketPath).Should().BeFalse("it goes with the server");
    }

    [Fact]
    public void Without_options_it_is_a_card_with_vfio_pci_under_the_RFC_whose_power_can_be_cut()
    {
        (int code, byte[] identity) = ServeOnce();

        code.Should().Be(0, _error.ToString());
        identity.Should().Equal(0x86, 0x80, 0xd3, 0x10);
        _output.ToString().Should().Contain($"0000:01:00.0 as User on rfc-v1 at {SocketPath}");
    }

    [Theory]
    [InlineData("linux-9", "--profile", "linux-9")]
    [InlineData("hardware", "--as", "hardware")]
    [InlineData("on", "--platform", "on")]
    [InlineData("from a millionth to", "--speed", "0")]
    [InlineData("from a millionth to", "--speed", "-1")]
    [InlineData("from a millionth to", "--speed", "NaN")]
    [InlineData("from a millionth to", "--speed", "1e7")]
    [InlineData("fast", "--speed", "fast")]
    [InlineData("--behavior Sleepy: there is no Sleepy; there are AnswersAfterBusReset, ", "--behavior", "Sleepy")]
    [InlineData("--behavior IgnoresD3Hot=3: IgnoresD3Hot takes no value", "--behavior", "IgnoresD3Hot=3")]
    [InlineData("SilenceAfterD3Hot takes milliseconds, or forever", "--behavior", "SilenceAfterD3Hot")]
    [InlineData("SilenceAfterD3Hot takes milliseconds, or forever", "--behavior", "SilenceAfterD3Hot=-1")]
    [InlineData("none.txt", "--device", "none.txt")]
    [InlineData("cannot be listened at", "--control", "/none/control")]
    [InlineData("a file, and no folder", "--emit", "/dev/null/recording.jsonl")]
    [InlineData("--unknown", "--unknown")]
    public void What_cannot_be_served_is_said_and_leaves_no_socket(string problem, params string[] options)
    {
        Program.Run(["serve", "--socket", SocketPath, .. options], _output, _error).Should().Be(2);

        _error.ToString().Should().StartWith("vfio-pm: ").And.Contain(problem);
        File.Exists(SocketPath).Should().BeFalse();
    }

    [Fact]
    public void A_socket_has_to_be_named_and_what_is_there_already_is_left_alone()
    {
        Program.Run(["serve"], _output, _error).Should().Be(2);
        string file = Write("device", "mine");
        Program.Run(["serve", "--socket", file], _output, _error).Should().Be(2);

        _error.ToString().Should().Contain("--socket").And.Contain("cannot be listened at");
        File.ReadAllText(file).Should().Be("mine");
    }

    [Fact]
    public void A_bridge_is_not_served()
    {
        string dump = Write("port.txt", DeviceImages.RootPort.ToLspci());

        Program.Run(["serve", "--socket", SocketPath, "--device", dump], _output, _error).Should().Be(2);

        _error.ToString().Should().Contain("pcieport has it");
    }

    [Fact]
    public void A_dump_that_is_read_is_not_written()
    {
        string dump = Write("nvme.txt", DeviceImages.Nvme.ToLspci());

        Program.Run(["serve", "--socket", SocketPath, "--device", dump, "--emit", dump], _output, _error).Should().Be(2);

        _error.ToString().Should().Contain("is what is read");
        File.ReadAllText(dump).Should().NotBeEmpty();
    }

    /// <summary>Serves one client, who reads the first bytes of configuration space.</summary>
    private (int Code, byte[] Identity) ServeOnce(params string[] options)
    {
        Task<int> serving = Task.Run(() => Program.Run(["serve", "--socket", SocketPath, "--once", .. options], _output, _error));
        SpinWait.SpinUntil(() => serving.IsCompleted || (File.Exists(SocketPath) && CanConnect()), TimeSpan.FromMinutes(1));
        return (serving.Result, _identity);
    }

    private bool CanConnect()
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(SocketPath));
        }
        catch (SocketException)
        {
            // It is bound, and does not listen yet.
            return false;
        }

        Ask(client, ServerCommand.Version, [0, 0, 0, 0, .. Encoding.UTF8.GetBytes("{}\0")]);
        _identity = Ask(client, ServerCommand.RegionRead, Argument.Of([0, 0, 7, 4]))[16..];
        return true;
    }

    private static byte[] Ask(Socket client, ServerCommand command, byte[] payload)
    {
        client.Send((byte[])[1, 0, (byte)command, 0, .. BitConverter.GetBytes(16 + payload.Length), 0, 0, 0, 0, 0, 0, 0, 0, .. payload]);
        byte[] answer = new byte[256];
        int length = client.Receive(answer, 0, 16, SocketFlags.None);
        int size = BitConverter.ToInt32(answer, 4);
        while (length < size)
        {
            length += client.Receive(answer, length, size - length, SocketFlags.None);
        }

        return answer[16..size];
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
