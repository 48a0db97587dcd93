using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace VfioPm.Analyzers;

/// <summary>
/// Warns of tests that pass for nothing: a result of the kernel at which nobody looks, and a question or an assertion that is made
/// and never asked.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnseenResultAnalyzer : DiagnosticAnalyzer
{
    private const string Category = "VfioPm";
    private const string Begin = "Begin";

    /// <summary>What the kernel returned is dropped.</summary>
    public static readonly DiagnosticDescriptor UnseenResult = new(
        "VFIOPM001",
        "Nobody looks at what the kernel returned",
        "Nobody looks at what {0} returns, so that a failure goes unnoticed; assert {1}, or write \"_ = …\" where it does not matter",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The kernel's errors are values, and no exceptions: a call that returns -ENOTTY did nothing, and a test that goes on is about something else.");

    /// <summary>A check or an assertion is made and not asked.</summary>
    public static readonly DiagnosticDescriptor UnaskedQuestion = new(
        "VFIOPM002",
        "A question is never asked",
        "{0} only makes a question, which fails no test; ask it ({1})",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A check is a question that can be asked again and again; an assertion begins with Should(), and ends with what is expected.");

    private static readonly ImmutableHashSet<string> Results = ["KernelResult", "SysfsResult", "MappedAccess"];

    // A get or a put counts, whatever the request that goes with it returned (include/linux/pm_runtime.h).
    private static readonly ImmutableHashSet<string> Counting =
    [
        "RuntimePmDevice.Get",
        "RuntimePmDevice.GetSync",
        "RuntimePmDevice.Put",
        "RuntimePmDevice.PutSync",
        "RuntimePmDevice.PutSyncSuspend",
        "RuntimePmDevice.PutAutosuspend",
        "RuntimePmDevice.PutSyncAutosuspend",
        "GuestDriver.Use",
        "GuestDriver.GoIdle",
    ];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [UnseenResult, UnaskedQuestion];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(Look, OperationKind.ExpressionStatement);
        context.RegisterOperationBlockAction(LookAtPendingCalls);
    }

    private static void Look(OperationAnalysisContext context)
    {
        IOperation value = ((IExpressionStatementOperation)context.Operation).Operation;
        while (value is IConditionalAccessOperation access)
        {
            value = access.WhenNotNull;
        }

        if (value is IInvocationOperation call && DescriptorFor(call) is { } descriptor)
        {
            Report(context.ReportDiagnostic, descriptor, call);
        }
    }

    /// <summary>A call under way that is put aside and never looked at again.</summary>
    private static void LookAtPendingCalls(OperationBlockAnalysisContext context)
    {
        IOperation[] operations = [.. context.OperationBlocks.SelectMany(static block => block.DescendantsAndSelf())];
        var used = new HashSet<ISymbol>(
            operations.OfType<ILocalReferenceOperation>().Select(static reference => reference.Local), SymbolEqualityComparer.Default);
        foreach (IVariableDeclaratorOperation declared in operations.OfType<IVariableDeclaratorOperation>())
        {
            if (declared.GetVariableInitializer()?.Value is IInvocationOperation call && !used.Contains(declared.Symbol) && Begins(call))
            {
                Report(context.ReportDiagnostic, UnseenResult, call);
            }
        }
    }

    private static void Report(Action<Diagnostic> report, DiagnosticDescriptor descriptor, IInvocationOperation call) =>
        report(Diagnostic.Create(descriptor, call.Syntax.GetLocation(), $"{call.TargetMethod.Name}()", call.Type!.Name switch
        {
            "PendingCall" => "its Result, once it has one",
            "StateCheck" => "Verify()",
            "Verdict" => "ThrowIfNot()",
            _ when descriptor == UnseenResult => "it (Should().Succeed())",
            _ => "BeIn(…), say",
        }));

    /// <summary>Whether it begins a call whose whole form returns a result that is worth a look.</summary>
    private static bool Begins(IInvocationOperation call) =>
        call.Type is { Name: "PendingCall" }
        && call.TargetMethod.Name.StartsWith(Begin, StringComparison.Ordinal)
        && call.TargetMethod.ContainingType.GetMembers(call.TargetMethod.Name.Substring(Begin.Length)).OfType<IMethodSymbol>()
            .Any(static whole => Results.Contains(whole.ReturnType.Name) && !IsCounting(whole));

    private static DiagnosticDescriptor? DescriptorFor(IInvocationOperation call) =>
        call.Type is not { } type || type.ContainingNamespace is not { Name: "VfioPm", ContainingNamespace.IsGlobalNamespace: true } ? null
        : Begins(call) ? UnseenResult
        : Results.Contains(type.Name) ? (IsCounting(call.TargetMethod) ? null : UnseenResult)
        : type.Name is "StateCheck" or "Verdict" || type.Name.EndsWith("Assertions", StringComparison.Ordinal) ? UnaskedQuestion
        : null;

    private static bool IsCounting(IMethodSymbol method) =>
        Counting.Contains($"{method.ContainingType.Name}.{method.Name}");
}
