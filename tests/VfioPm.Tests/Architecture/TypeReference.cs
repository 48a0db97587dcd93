using Microsoft.CodeAnalysis;

namespace VfioPm.Tests;

/// <summary>A place where one type names another, or a member of it. A nested type counts as the type around it.</summary>
internal sealed record TypeReference(INamedTypeSymbol From, INamedTypeSymbol To, SyntaxNode Place);
