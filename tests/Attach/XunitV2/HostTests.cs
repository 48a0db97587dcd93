using System.Runtime.ExceptionServices;
using VfioPm;
using Xunit.Abstractions;

/// <summary>
/// A host for each test; of one that fails, the timeline and the picture's path are in the output. xunit v2 does not tell a test class
/// whether its test failed, so the base class listens for the exception that fails it.
/// </summary>
public abstract class HostTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Exception? _failure;

    protected HostTests(ITestOutputHelper output)
    {
        _output = output;
        Host.Trace.KeepReasons();
        AppDomain.CurrentDomain.FirstChanceException += OnException;
    }

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_1);

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= OnException;
        if (_failure is not null)
        {
            string picture = Host.Trace.ToPicture(GetType().Name).Save(Path.Combine("failures", $"{GetType().Name}-{Guid.CreateVersion7()}.html"));
            _output.WriteLine($"{Host.Trace}\nPicture: {picture}");
        }

        Host.Dispose();
        GC.SuppressFinalize(this);
    }

    private void OnException(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        bool fails = thrown.Exception is CheckFailedException or Xunit.Sdk.XunitException;
        _failure = fails && Environment.CurrentManagedThreadId == _thread ? thrown.Exception : _failure;
    }
}
