using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace VfioPm.Tests;

/// <summary>What the compiler lets pass although a kernel call does not stand it.</summary>
internal static class KernelCallBans
{
    /// <summary>Methods, local functions and lambdas.</summary>
    public static IEnumerable<string> OtherAsyncMethods(CodeModel code) =>
        from file in code.Files
        let model = code.Compilation.GetSemanticModel(file)
        from keyword in file.GetRoot().DescendantTokens().Where(token => token.IsKind(SyntaxKind.AsyncKeyword))
        let returned = MethodOf(model, keyword.Parent!).ReturnType
        where !IsKernelCall(returned)
        select $"{CodeModel.MemberOf(keyword.Parent!)} returns {returned} at {CodeModel.PlaceOf(keyword.Parent!)}";

    /// <summary>
    /// Statements that are nothing but a call, also as the body of a lambda that returns nothing, calls that are discarded,
    /// and those kept in a variable that nobody looks at: what they call never runs to its end.
    /// </summary>
    public static IEnumerable<string> LeftBehind(CodeModel code) =>
        from file in code.Files
        let model = code.Compilation.GetSemanticModel(file)
        from body in file.GetRoot().DescendantNodes(node => !HasOperations(node)).Where(HasOperations)
        from forgotten in LeftBehind(model.GetOperation(body)?.DescendantsAndSelf().ToList() ?? [])
        select $"{CodeModel.MemberOf(forgotten.Syntax)} at {CodeModel.PlaceOf(forgotten.Syntax)}: {forgotten.Syntax}";

    private static IEnumerable<IOperation> LeftBehind(IReadOnlyList<IOperation> operations)
    {
        HashSet<ILocalSymbol> used = new(
            operations.OfType<ILocalReferenceOperation>().Select(reference => reference.Local), SymbolEqualityComparer.Default);
        return operations.Where(operation => operation switch
        {
            IExpressionStatementOperation { Operation: not IAssignmentOperation } statement => IsKernelCall(statement.Operation.Type),
            IDiscardOperation => IsKernelCall(operation.Type),
            IVariableDeclaratorOperation declarator => IsKernelCall(declarator.Symbol.Type) && !used.Contains(declarator.Symbol),
            _ => false,
        });
    }

    private static bool IsKernelCall(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable =>
            IsKernelCall(nullable.TypeArguments[0]),
        _ => type?.Name == "KernelCall",
    };

    private static bool HasOperations(SyntaxNode node) => node
        is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or ArrowExpressionClauseSyntax or EqualsValueClauseSyntax;

    private static IMethodSymbol MethodOf(SemanticModel model, SyntaxNode declaration) => (IMethodSymbol)(
        declaration is AnonymousFunctionExpressionSyntax
            ? model.GetSymbolInfo(declaration).Symbol
            : model.GetDeclaredSymbol(declaration))!;
}
