using System.Reflection;
using System.Xml.Linq;

namespace VfioPm.AnyCalls;

/// <summary>Which exceptions the comment of a member says it throws.</summary>
internal static class DocumentedExceptions
{
    private static readonly Dictionary<string, XElement> Comments = XDocument
        .Load(Path.ChangeExtension(typeof(SimulatedHost).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(static member => (string)member.Attribute("name")!);

    public static IReadOnlySet<string> Of(MethodBase method)
    {
        HashSet<string> found = [];
        Add(IdOf(method), method, found, []);
        return found;
    }

    private static void Add(string id, MethodBase? method, HashSet<string> found, HashSet<string> seen)
    {
        if (!seen.Add(id) || !Comments.TryGetValue(id, out XElement? comment))
        {
            return;
        }

        found.UnionWith(comment.Elements("exception").Select(static one => ((string)one.Attribute("cref")!)[2..]));
        foreach (XElement inherits in comment.Elements("inheritdoc"))
        {
            if ((string?)inherits.Attribute("cref") is { } source)
            {
                Add(source, null, found, seen);
            }
            else if (method is MethodInfo { } function && function.GetBaseDefinition() is var definition && definition != function)
            {
                Add(IdOf(definition), definition, found, seen);
            }
        }
    }

    /// <summary>The ID of documentation comments: "M:VfioPm.VfioMapping.Read(System.Int64,System.Int32)".</summary>
    private static string IdOf(MethodBase method)
    {
        string type = (method.DeclaringType!.FullName ?? method.DeclaringType.Name).Split('[')[0].Replace('+', '.');
        if (method.IsSpecialName && (method.Name.StartsWith("get_", StringComparison.Ordinal) || method.Name.StartsWith("set_", StringComparison.Ordinal)))
        {
            ParameterInfo[] indices = method.Name[0] == 'g' ? method.GetParameters() : method.GetParameters()[..^1];
            return $"P:{type}.{method.Name[4..]}{List(indices)}";
        }

        string name = method.IsConstructor ? "#ctor" : method.Name;
        string returns = method is MethodInfo { Name: "op_Implicit" } conversion ? $"~{NameOf(conversion.ReturnType)}" : "";
        return $"M:{type}.{name}{List(method.GetParameters())}{returns}";
    }

    private static string List(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(static parameter => NameOf(parameter.ParameterType)))})";

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!) + "@";
        }

        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        if (!type.IsGenericType)
        {
            return type.FullName!.Replace('+', '.');
        }

        string open = type.GetGenericTypeDefinition().FullName!;
        return $"{open[..open.IndexOf('`', StringComparison.Ordinal)]}{{{string.Join(',', type.GetGenericArguments().Select(NameOf))}}}";
    }
}
