using System.Globalization;
using System.Reflection;

namespace VfioPm;

/// <summary>
/// Misbehaviour of silicon by its names: those of <see cref="HardwareBehavior"/>, some with a length of time in milliseconds:
/// "IgnoresD3Hot", "SilenceAfterD3Hot=500", "SilenceAfterPowerOn=forever".
/// </summary>
internal static class BehaviorNames
{
    private const string Forever = "forever";

    private static readonly IReadOnlyDictionary<string, PropertyInfo> Known = typeof(HardwareBehavior)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.PropertyType == typeof(bool) || property.PropertyType == typeof(TimeSpan))
        .ToDictionary(static property => property.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A behaviour that deviates as told.</summary>
    /// <exception cref="FormatException">There is no such deviation, or its value makes no sense.</exception>
    public static HardwareBehavior Parse(IEnumerable<string> deviations)
    {
        var behavior = new HardwareBehavior();
        foreach (string deviation in deviations)
        {
            string[] parts = deviation.Split('=', 2);
            PropertyInfo property = Known.GetValueOrDefault(parts[0]) ?? throw new FormatException(
                $"{deviation}: there is no {parts[0]}; there are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.");
            property.SetValue(behavior, ValueOf(property, parts, deviation));
        }

        return behavior;
    }

    /// <summary>The deviations of a behaviour.</summary>
    public static IEnumerable<string> Of(HardwareBehavior behavior) => Known.Values.Select(property => property.GetValue(behavior) switch
    {
        true => property.Name,
        TimeSpan time when time == HardwareBehavior.Forever => $"{property.Name}={Forever}",
        TimeSpan time when time > TimeSpan.Zero =>
            string.Create(CultureInfo.InvariantCulture, $"{property.Name}={time.TotalMilliseconds}"),
        _ => null,
    }).OfType<string>();

    private static object ValueOf(PropertyInfo property, string[] parts, string deviation) => (property.PropertyType, parts) switch
    {
        ({ } type, [_]) when type == typeof(bool) => true,
        ({ } type, [_, Forever]) when type == typeof(TimeSpan) => HardwareBehavior.Forever,
        ({ } type, [_, { } text]) when type == typeof(TimeSpan)
            && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint milliseconds) =>
            TimeSpan.FromMilliseconds(milliseconds),
        _ => throw new FormatException(property.PropertyType == typeof(bool)
            ? $"{deviation}: {property.Name} takes no value."
            : $"{deviation}: {property.Name} takes milliseconds, or {Forever}."),
    };
}
