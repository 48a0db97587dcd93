using System.Diagnostics;
using System.Net.Sockets;
using Tmds.Linux;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary>A server in a process of its own that is told to end.</summary>
public sealed class ServeSignalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-serve-").FullName;

    private string SocketPath => Path.Combine(_folder, "device");

    private string ControlPath => Path.Combine(_folder, "control");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task It_ends_cleanly_though_a_client_is_in_the_middle_of_a_message_and_an_administrator_waits(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "env of other systems gives no signal back that a parent ignored");
        string emitted = Path.Combine(_folder, "emitted.jsonl");

        // Whoever runs tests in the background may have them ignore SIGINT.
        using Process server = Process.Start(new ProcessStartInfo("env",
        [
            $"--default-signal={signal}", "dotnet", "exec", typeof(Program).Assembly.Location,
            "serve", "--socket", SocketPath, "--control", ControlPath, "--emit", emitted,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Contain(SocketPath);
        using Socket client = Connect(SocketPath);
        client.Send([1, 0, 1]);
        using Socket administrator = Connect(ControlPath);
        administrator.Send("sysfs_read ep power_state\nsleep 1000000\n"u8);
        administrator.Receive(new byte[1]).Should().Be(1, "it has begun");

        LibC.kill(server.Id, signal == "INT" ? LibC.SIGINT : LibC.SIGTERM).Should().Be(0);
        string error = await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);

        error.Should().BeEmpty();
        server.ExitCode.Should().Be(0);
        File.Exists(SocketPath).Should().BeFalse();
        File.Exists(ControlPath).Should().BeFalse();
        RecordingFile.Find(emitted).Single().Read().Single().Events[^1]["op"]!.GetValue<string>().Should().Be("close", "it is written to its end");
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
