using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using VfioPm.Analyzers;

namespace VfioPm.Tests;

/// <summary>A test that passes for nothing does not compile without a warning.</summary>
public sealed class UnseenResultAnalyzerTests
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("device.EnterLowPower();", "EnterLowPower()")]
    [InlineData("nic.Sysfs.Write(\"power/contrl\", \"on\");", "Write()")]
    [InlineData("nic.Sysfs.Read(\"power/control\");", "Read()")]
    [InlineData("device.Map(0, 0, 4096).Write(0, 4, 1);", "Write()")]
    [InlineData("device?.Reset();", "Reset()")]
    [InlineData("System.Action act = () => device.Reset();", "Reset()")]
    [InlineData("nic.RuntimePm.Suspend();", "Suspend()")]
    [InlineData("device.BeginReset();", "BeginReset()")]
    [InlineData("device?.BeginEnterLowPower();", "BeginEnterLowPower()")]
    [InlineData("PendingCall reset = device.BeginReset();", "BeginReset()")]
    [InlineData("System.Action act = () => { var reset = device.BeginReset(); };", "BeginReset()")]
    public async Task A_result_at_which_nobody_looks_is_warned_of(string statement, string call)
    {
        Diagnostic warning = (await Analyze(statement)).Should().ContainSingle().Subject;

        warning.Id.Should().Be("VFIOPM001");
        warning.GetMessage(null).Should().StartWith($"Nobody looks at what {call} returns, so that a failure goes unnoticed");
    }

    [Theory]
    [InlineData("PciDeviceCheck.IsIn(nic, PowerState.D3Cold);", "Verify()")]
    [InlineData("PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Look();", "ThrowIfNot()")]
    [InlineData("nic.Should();", "BeIn(…), say")]
    [InlineData("nic.Should().Within(System.TimeSpan.FromSeconds(5));", "BeIn(…), say")]
    public async Task A_question_that_is_never_asked_is_warned_of(string statement, string ask)
    {
        Diagnostic warning = (await Analyze(statement)).Should().ContainSingle().Subject;

        warning.Id.Should().Be("VFIOPM002");
        warning.GetMessage(null).Should().EndWith($"ask it ({ask})");
    }

    [Theory]
    [InlineData("device.EnterLowPower().Should().Succeed();")]
    [InlineData("_ = device.EnterLowPower();")]
    [InlineData("KernelResult result = device.EnterLowPower();")]
    [InlineData("nic.RuntimePm.GetSync();")]
    [InlineData("nic.RuntimePm.Put();")]
    [InlineData("_ = device.BeginReset();")]
    [InlineData("PendingCall reset = device.BeginReset(); reset.Result.Should().Succeed();")]
    [InlineData("PendingCall reset = device.BeginReset(); System.Action act = () => System.Console.WriteLine(reset.Result);")]
    [InlineData("device.BeginClose();")]
    [InlineData("nic.RuntimePm.BeginGetSync();")]
    [InlineData("device.Config.BeginWritePmcsrState(PowerState.D3Hot);")]
    [InlineData("device.Close();")]
    [InlineData("nic.Should().BeIn(PowerState.D0);")]
    [InlineData("PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Verify();")]
    public async Task What_is_looked_at_or_dropped_on_purpose_is_not(string statement) =>
        (await Analyze(statement)).Should().BeEmpty();

    /// <summary>The analyzer's warnings about a statement of a test.</summary>
    private static async Task<ImmutableArray<Diagnostic>> Analyze(string statement)
    {
        var compilation = CSharpCompilation.Create(
            "Tried",
            [CSharpSyntaxTree.ParseText($$"""
                using FluentAssertions;
                using VfioPm;

                public class Tried
                {
                    public void Try(PciDevice nic, VfioDeviceFile device)
                    {
                        {{statement}}
                    }
                }
                """)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        compilation.GetDiagnostics().Where(problem => problem.Severity == DiagnosticSeverity.Error).Should().BeEmpty();
        return await compilation.WithAnalyzers([new UnseenResultAnalyzer()]).GetAnalyzerDiagnosticsAsync(CancellationToken.None);
    }
}
