namespace VfioPm.Tests;

/// <summary>A fenced block of a page, or one that a comment hides from its reader.</summary>
/// <param name="Line">The line of its first line of text, counted from one.</param>
/// <param name="Heading">The heading that it stands under.</param>
/// <param name="Info">What the fence, or the opening of the comment, says.</param>
/// <param name="Text">The lines between, without the indentation of the fence.</param>
internal sealed record MarkdownBlock(int Line, string Heading, string Info, string Text);
