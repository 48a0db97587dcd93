using Microsoft.CodeAnalysis;

namespace VfioPm.Tests;

/// <summary>The folders of the library. Each is a layer, and knows only those before it.</summary>
internal static class Layers
{
    private static readonly (string Layer, string Other)[] Strangers =
        [("RuntimePm", "Pci"), ("RuntimePm", "Platform"), ("Energy", "Checks")];

    public static IReadOnlyList<string> All { get; } =
    [
        "Foundation", "Kernel", "Pci", "Platform", "RuntimePm", "PciPower", "SystemSleep", "Vfio", "Guest", "Tracing", "Checks", "Energy",
        "Simulation", "Exploration",
    ];

    /// <summary>Whether the library has it already.</summary>
    public static bool Exists(string layer) => Directory.Exists(Path.Combine(SourceFiles.Root, "src/VfioPm", layer));

    public static bool MayKnow(string layer, string other) =>
        IndexOf(other) <= IndexOf(layer) && !Strangers.Contains((layer, other));

    /// <summary>The layer that has the type; none if it is somebody else's.</summary>
    public static string? Of(INamedTypeSymbol type) => type.DeclaringSyntaxReferences is [{ SyntaxTree.FilePath: var file }, ..]
        ? SourceFiles.NameOf(file).Split(Path.DirectorySeparatorChar)[2]
        : null;

    private static int IndexOf(string layer) => All.ToList().IndexOf(layer);
}
