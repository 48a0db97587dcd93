using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace VfioPm.Tests;

/// <summary>
/// A page as C#: one class, whose lines are the page's own. Declarations are its members; statements are, in order,
/// those of one method, up to a block that begins anew.
/// </summary>
internal sealed class PageSource
{
    private const string PageType = "Page";

    private readonly string _path;
    private readonly List<PageExample> _examples = [];
    private readonly StringBuilder _usings = new();
    private readonly StringBuilder _members = new();
    private readonly StringBuilder _statements = new();
    private PageExample? _program;
    private PageExample? _latest;

    public PageSource(MarkdownPage page)
    {
        _path = page.FullPath;
        foreach (MarkdownBlock block in page.Blocks)
        {
            switch (block.Info)
            {
                case "csharp":
                    AddCode(block);
                    break;
                case "csharp anew":
                    EndProgram();
                    AddCode(block);
                    break;
                case "text" when _latest is null:
                    throw new FormatException($"{page.Name}:{block.Line}: no code above it says this.");
                case "text":
                    _latest.Show(block.Text);
                    break;
            }
        }

        EndProgram();
    }

    /// <summary>In the order of the page.</summary>
    public IReadOnlyList<PageExample> Examples => _examples;

    /// <summary>What the page's code has printed.</summary>
    public static StringWriter ConsoleIn(Assembly page) =>
        (StringWriter)page.GetType(PageType)!.GetProperty("Console")!.GetValue(null)!;

    /// <summary>With the usings of a new test project and of the README; <c>Console</c> is one that can be read.</summary>
    public override string ToString() =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading.Tasks;
        using FluentAssertions;
        using VfioPm;
        using Xunit;
        {{_usings}}
        public class {{PageType}}
        {
            public static StringWriter Console { get; } = new() { NewLine = "\n" };
        {{_members}}
        }
        """;

    private void AddCode(MarkdownBlock block)
    {
        CompilationUnitSyntax code = SyntaxFactory.ParseCompilationUnit(block.Text);
        foreach (UsingDirectiveSyntax directive in code.Usings)
        {
            Append(_usings, block, directive);
        }

        foreach (MemberDeclarationSyntax member in code.Members)
        {
            if (IsStatement(member))
            {
                _latest = _program ??= Add(ProgramAt(block));
                Append(_statements, block, member);
            }
            else
            {
                _latest = FactsIn(member, block).Select(Add).LastOrDefault(_latest);
                Append(_members, block, member);
            }
        }

        _members.Append(code.EndOfFileToken.ToFullString());    // a comment, or an error for the compiler
    }

    /// <summary>A function with an attribute or a modifier is one of a class.</summary>
    private static bool IsStatement(MemberDeclarationSyntax member) =>
        member is GlobalStatementSyntax global
        && global.Statement is not LocalFunctionStatementSyntax { AttributeLists.Count: > 0 }
        && global.Statement is not LocalFunctionStatementSyntax { Modifiers.Count: > 0 };

    private static IEnumerable<PageExample> FactsIn(MemberDeclarationSyntax member, MarkdownBlock block)
    {
        foreach (AttributeSyntax fact in member.DescendantNodes().OfType<AttributeSyntax>())
        {
            if (fact.Name.ToString() is "Fact" or "Theory")
            {
                SyntaxNode method = fact.Parent!.Parent!;
                string name = (method as LocalFunctionStatementSyntax)?.Identifier.Text
                    ?? ((MethodDeclarationSyntax)method).Identifier.Text;
                IEnumerable<string> types = method.Ancestors().OfType<TypeDeclarationSyntax>()
                    .Select(type => type.Identifier.Text)
                    .Append(PageType)
                    .Reverse();
                yield return new PageExample(LineOf(method.Span, method, block), name, string.Join('+', types), name);
            }
        }
    }

    private static PageExample ProgramAt(MarkdownBlock block) =>
        new(block.Line, block.Heading, PageType, $"ProgramOfLine{block.Line}");

    private PageExample Add(PageExample example)
    {
        _examples.Add(example);
        return example;
    }

    private void EndProgram()
    {
        if (_program is not null)
        {
            _members.Append(CultureInfo.InvariantCulture, $"public void {_program.Method}()\n{{{_statements}\n}}\n");
            _statements.Clear();
            _program = null;
        }
    }

    private void Append(StringBuilder code, MarkdownBlock block, SyntaxNode node) => code
        .Append(CultureInfo.InvariantCulture, $"\n#line {LineOf(node.FullSpan, node, block)} \"{_path}\"\n")
        .Append(node.ToFullString());

    private static int LineOf(TextSpan span, SyntaxNode node, MarkdownBlock block) =>
        block.Line + node.SyntaxTree.GetLineSpan(span).StartLinePosition.Line;
}
