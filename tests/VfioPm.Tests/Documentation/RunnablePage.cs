using System.Diagnostics;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using VfioPm.Analyzers;
using Xunit.Sdk;

namespace VfioPm.Tests;

/// <summary>A page whose code is compiled, with all that the tests may use, and run.</summary>
internal sealed class RunnablePage
{
    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private readonly MarkdownPage _page;
    private readonly PageSource _source;
    private readonly Lazy<Assembly> _assembly;

    public RunnablePage(MarkdownPage page)
    {
        _page = page;
        _source = new PageSource(page);
        _assembly = new Lazy<Assembly>(Compile);
    }

    public IReadOnlyList<PageExample> Examples => _source.Examples;

    /// <summary>Throws, with the page and the line, unless the example does what the page says.</summary>
    public void Run(PageExample example)
    {
        StringWriter console = PageSource.ConsoleIn(_assembly.Value);
        console.GetStringBuilder().Clear();
        Exception? failure = Invoke(example);

        if (example.Shown is null && failure is not null)
        {
            throw new XunitException($"{_page.Name}:{LineOf(failure) ?? example.Line}: {failure.Message}", failure);
        }

        string said = console + failure?.Message;
        if (example.Shown is not null && !PageText.Shows(example.Shown, said))
        {
            throw new XunitException($"{_page.Name}:{example.Line}: the code says\n\n{said}", failure);
        }
    }

    /// <summary>What the analyzer in the package has to say of the code, each with its place.</summary>
    public async Task<string[]> Warnings() =>
    [
        .. (await Compilation().WithAnalyzers([new UnseenResultAnalyzer()]).GetAnalyzerDiagnosticsAsync(CancellationToken.None))
            .Select(warning =>
                $"{_page.Name}:{warning.Location.GetMappedLineSpan().StartLinePosition.Line + 1}: {warning.GetMessage(null)}"),
    ];

    /// <summary>The failure of the code, if it fails; a theory is run with each of its rows.</summary>
    private Exception? Invoke(PageExample example)
    {
        MethodInfo method = _assembly.Value.GetType(example.Type, throwOnError: true)!.GetMethod(example.Method)!;
        return method.GetCustomAttributes<InlineDataAttribute>()
            .Select(row => row.Data)
            .DefaultIfEmpty([])
            .Select(arguments => Invoke(method, arguments))
            .FirstOrDefault(failure => failure is not null);
    }

    private static Exception? Invoke(MethodInfo method, object?[] arguments)
    {
        object instance = Activator.CreateInstance(method.DeclaringType!)!;
        using var disposable = instance as IDisposable;
        return Record.Exception(() => method.Invoke(
            instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
    }

    /// <summary>The line of the page that threw.</summary>
    private int? LineOf(Exception failure) => new StackTrace(failure, fNeedFileInfo: true).GetFrames()
        .FirstOrDefault(frame => frame.GetFileName() == _page.FullPath)?.GetFileLineNumber();

    /// <summary>With debug information, in which the lines are the page's.</summary>
    private Assembly Compile()
    {
        using MemoryStream assembly = new();
        using MemoryStream symbols = new();
        EmitResult result = Compilation().Emit(
            assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
        {
            throw new XunitException(string.Join('\n', result.Diagnostics
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .Select(diagnostic => diagnostic.ToString())));
        }

        return Assembly.Load(assembly.ToArray(), symbols.ToArray());
    }

    private CSharpCompilation Compilation() => CSharpCompilation.Create(
        Path.GetFileNameWithoutExtension(_page.Name),
        [CSharpSyntaxTree.ParseText(SourceText.From(_source.ToString(), Encoding.UTF8), path: $"{_page.FullPath}.cs")],
        References.Value,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
}
