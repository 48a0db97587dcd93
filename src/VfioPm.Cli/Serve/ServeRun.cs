using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using VfioPm.Server;

namespace VfioPm.Cli;

/// <summary>A server from its start to its end.</summary>
internal static class ServeRun
{
    /// <summary>The clock on the wall, which virtual time follows here and nowhere else.</summary>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "A real guest lives in real time.")]
    public static TimeProvider Wall => TimeProvider.System;

    /// <summary>Serves until somebody stops it (SIGINT, SIGTERM), or its only client is gone.</summary>
    /// <exception cref="BadInputException">What was asked for cannot be served.</exception>
    public static async Task<int> Serve(VfioUserOptions options, TextWriter output, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using PosixSignalRegistration interrupted = EndOn(PosixSignal.SIGINT, end);
        using PosixSignalRegistration terminated = EndOn(PosixSignal.SIGTERM, end);
        using VfioUserServer server = Start(options);
        await output.WriteLineAsync($"{server.Function.Name} as {options.As} on {options.Profile} at {options.SocketPath}");
        await server.Run(end.Token);
        return 0;
    }

    /// <summary>The signal ends the server, and not the process before that is through.</summary>
    private static PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

    private static VfioUserServer Start(VfioUserOptions options)
    {
        try
        {
            return new VfioUserServer(options);
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or InvalidOperationException or PlatformNotSupportedException)
        {
            throw new BadInputException(problem);
        }
    }
}
