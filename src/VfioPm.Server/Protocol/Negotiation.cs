using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>What client and server agreed on by <c>VFIO_USER_VERSION</c>.</summary>
/// <param name="Transfer">Bytes of data that either may ask for in one message.</param>
/// <param name="WritesMultiple">Whether the client may send <c>VFIO_USER_REGION_WRITE_MULTI</c>.</param>
internal sealed record Negotiation(int Transfer, bool WritesMultiple)
{
    private const string WriteMultiple = "write_multiple";
    private const string TransferSize = "max_data_xfer_size";

    /// <summary>What the server has; it answers with those of them that the client proposed.</summary>
    private static readonly Dictionary<string, JsonNode> Offers = new()
    {
        ["max_msg_fds"] = Limits.Descriptors,
        [TransferSize] = Limits.Transfer,
        ["max_dma_maps"] = Limits.DmaWindows,
        ["pgsizes"] = Limits.PageSizes,
        [WriteMultiple] = true,
    };

    /// <summary>Looks at what a client proposes.</summary>
    /// <returns>The agreement and the answer; null where there can be none.</returns>
    public static (Negotiation Agreed, Answer Answer)? Try(Message proposal)
    {
        if (!proposal.TryRead(out VersionStructure version)
            || version.Major != 0
            || CapabilitiesIn(proposal.After<VersionStructure>().Span) is not { } proposed)
        {
            return null;
        }

        JsonObject answered = new(Offers
            .Where(offer => proposed.ContainsKey(offer.Key))
            .Select(offer => KeyValuePair.Create(offer.Key, (JsonNode?)offer.Value.DeepClone())));
        string text = new JsonObject { ["capabilities"] = answered }.ToJsonString();
        return (
            new Negotiation(
                (int)Math.Min(NumberIn(proposed, TransferSize) ?? Limits.Transfer, Limits.Transfer),
                proposed[WriteMultiple]?.GetValue<bool>() ?? false),
            Answer.Of(new VersionStructure(0, 0), Encoding.UTF8.GetBytes(text + '\0')));
    }

    /// <summary>The capabilities in the version data; none without data.</summary>
    /// <returns>Null for what is no such thing.</returns>
    private static JsonObject? CapabilitiesIn(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return [];
        }

        if (data[^1] != 0)
        {
            return null;
        }

        try
        {
            JsonNode? said = JsonNode.Parse(data[..^1]);
            return said is not JsonObject { Count: var count } all ? null
                : count == 0 || all["capabilities"] is null ? []
                : all["capabilities"] is JsonObject capabilities && IsWellFormed(capabilities) ? capabilities
                : null;
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            // A name that is given twice is told by an ArgumentException.
            return null;
        }
    }

    private static bool IsWellFormed(JsonObject capabilities) => Offers.All(offer =>
        capabilities[offer.Key] is not { } value
        || (offer.Key == WriteMultiple
            ? value.GetValueKind() is JsonValueKind.True or JsonValueKind.False
            : NumberIn(capabilities, offer.Key) is not null));

    private static ulong? NumberIn(JsonObject capabilities, string name) =>
        capabilities[name] is JsonValue value && value.TryGetValue(out ulong number) ? number : null;
}
