using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>
/// The public members of a type and of its extension blocks, by kind and name; an enumeration's values as they are declared.
/// </summary>
internal static class Members
{
    public static IReadOnlyList<ISymbol> Of(INamedTypeSymbol type) =>
    [
        .. type.GetTypeMembers()
            .Where(static inner => inner.IsExtension)
            .Prepend(type)
            .SelectMany(static part => part.GetMembers())
            .Where(IsOffered)
            .OrderBy(KindOf)
            .ThenBy(member => KindOf(member) == MemberKind.Values ? "" : member.Name, StringComparer.Ordinal)
            .ThenBy(member => KindOf(member) == MemberKind.Values ? "" : Signature.Of(member), StringComparer.Ordinal),
    ];

    public static MemberKind KindOf(ISymbol member) => member switch
    {
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } => MemberKind.Values,
        IFieldSymbol => MemberKind.Fields,
        IMethodSymbol { MethodKind: MethodKind.Constructor } => MemberKind.Constructors,
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion } => MemberKind.Operators,
        IMethodSymbol => MemberKind.Methods,
        IEventSymbol => MemberKind.Events,
        _ => MemberKind.Properties,
    };

    /// <summary>Public, or protected where somebody can derive; what the compiler adds is told by the type.</summary>
    private static bool IsOffered(ISymbol member) =>
        member is not ITypeSymbol and not IMethodSymbol { AssociatedSymbol: not null }
        && (!member.IsImplicitlyDeclared || IsDefaultConstructor(member))
        && (member.DeclaredAccessibility is Accessibility.Public
            || (member.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal
                && !member.ContainingType.IsSealed));

    private static bool IsDefaultConstructor(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 }
        && member.ContainingType.TypeKind == TypeKind.Class;
}
