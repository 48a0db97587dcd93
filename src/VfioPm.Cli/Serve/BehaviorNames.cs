using System.Globalization;
using System.Reflection;

namespace VfioPm.Cli;

/// <summary>Misbehaviour of silicon by its names: those of <see cref="HardwareBehavior"/>, some with a length of time.</summary>
internal static class BehaviorNames
{
    private const string Forever = "forever";

    private static readonly IReadOnlyDictionary<string, PropertyInfo> Known = typeof(HardwareBehavior)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.PropertyType == typeof(bool) || property.PropertyType == typeof(TimeSpan))
        .ToDictionary(static property => property.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A behaviour that deviates as told: "IgnoresD3Hot", "SilenceAfterPowerOn=forever", "SilenceAfterD3Hot=500".</summary>
    /// <exception cref="BadInputException">There is no such deviation, or its value makes no sense.</exception>
    public static HardwareBehavior Parse(IEnumerable<string> deviations)
    {
        var behavior = new HardwareBehavior();
        foreach (string deviation in deviations)
        {
            string[] parts = deviation.Split('=', 2);
            PropertyInfo property = Known.GetValueOrDefault(parts[0]) ?? throw new BadInputException(
                $"--behavior {deviation}: there is no {parts[0]}; there are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.");
            property.SetValue(behavior, ValueOf(property, parts, deviation));
        }

        return behavior;
    }

    private static object ValueOf(PropertyInfo property, string[] parts, string deviation) => (property.PropertyType, parts) switch
    {
        ({ } type, [_]) when type == typeof(bool) => true,
        ({ } type, [_, Forever]) when type == typeof(TimeSpan) => HardwareBehavior.Forever,
        ({ } type, [_, { } text]) when type == typeof(TimeSpan)
            && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint milliseconds) =>
            TimeSpan.FromMilliseconds(milliseconds),
        _ => throw new BadInputException(property.PropertyType == typeof(bool)
            ? $"--behavior {deviation}: {property.Name} takes no value."
            : $"--behavior {deviation}: {property.Name} takes milliseconds, or {Forever}."),
    };
}
