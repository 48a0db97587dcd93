using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>How a declaration is written, as far as it is public.</summary>
internal static partial class Signature
{
    private const SymbolDisplayMiscellaneousOptions AsInCode =
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
        | SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral
        | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers;

    private static readonly SymbolDisplayFormat TypeName = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: AsInCode);

    private static readonly SymbolDisplayFormat Declaration = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters
            | SymbolDisplayGenericsOptions.IncludeVariance
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeConstantValue,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        extensionMethodStyle: SymbolDisplayExtensionMethodStyle.StaticMethod,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis
            | SymbolDisplayParameterOptions.IncludeDefaultValue,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeMemberKeyword,
        miscellaneousOptions: AsInCode);

    /// <summary>A name as code says it: <c>Outer.Inner</c>, <c>List&lt;T&gt;</c>, or a member's.</summary>
    public static string NameOf(ISymbol symbol) => symbol switch
    {
        ITypeSymbol => symbol.ToDisplayString(TypeName),
        IMethodSymbol { MethodKind: MethodKind.Constructor } constructor => constructor.ContainingType.Name,
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion } => NameOfOperator(symbol),
        IPropertySymbol { IsIndexer: true } => "this[]",
        _ => symbol.Name,
    };

    /// <summary>A member, or a type with what it derives from.</summary>
    public static string Of(ISymbol symbol)
    {
        string text = symbol.ToDisplayString(Declaration);
        if (symbol is not INamedTypeSymbol type)
        {
            return HiddenAccessor().Replace(text, "");
        }

        int constraints = text.IndexOf(" where ", StringComparison.Ordinal);
        return Modifiers(type) + text.Insert(constraints < 0 ? text.Length : constraints, Bases(type));
    }

    private static string NameOfOperator(ISymbol symbol) =>
        symbol.ToDisplayString(new SymbolDisplayFormat(kindOptions: SymbolDisplayKindOptions.IncludeMemberKeyword));

    private static string Modifiers(INamedTypeSymbol type) => type switch
    {
        { TypeKind: not TypeKind.Class } => "public ",
        { IsStatic: true } => "public static ",
        { IsAbstract: true } => "public abstract ",
        { IsSealed: true } => "public sealed ",
        _ => "public ",
    };

    /// <summary>What somebody wrote behind the colon.</summary>
    private static string Bases(INamedTypeSymbol type)
    {
        INamedTypeSymbol? parent = type.EnumUnderlyingType ?? type.BaseType;
        bool isSpecial = parent?.SpecialType is SpecialType.System_Object or SpecialType.System_Int32
            or SpecialType.System_ValueType or SpecialType.System_MulticastDelegate;
        IEnumerable<INamedTypeSymbol> promises = type.Interfaces
            .Where(promise => !type.IsRecord || promise.Name != nameof(IEquatable<>));
        IEnumerable<INamedTypeSymbol> bases = parent is null || isSpecial ? promises : promises.Prepend(parent);
        string all = string.Join(", ", bases.Select(NameOf));
        return all.Length == 0 ? "" : $" : {all}";
    }

    [GeneratedRegex(" (private|internal|private protected) (set|init);")]
    private static partial Regex HiddenAccessor();
}
