using System.Text;
using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>All that a package offers, one declaration a line: what a reviewer reads when it changes.</summary>
internal static class ApiListing
{
    public static string Of(Package package)
    {
        StringBuilder text = new();
        foreach (INamedTypeSymbol type in package.Types)
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(Signature.Of(type)).Append('\n');
            foreach (ISymbol member in Members.Of(type))
            {
                text.Append("    ").Append(Signature.Of(member)).Append('\n');
            }
        }

        return text.ToString();
    }
}
