using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A call that was begun, and what it will have answered.</summary>
/// <param name="Call">The call.</param>
/// <param name="Answer">The answers, from what it returned.</param>
internal sealed record BegunCall(PendingCall Call, Func<KernelResult, JsonObject> Answer)
{
    /// <summary>One that answers nothing but what it returned.</summary>
    public static BegunCall Of(PendingCall call) => new(call, VfioOperations.Answer);

    /// <summary>One that reads bytes.</summary>
    public static BegunCall Of(JsonObject asked, Func<UserMemory, PendingCall> begin)
    {
        UserMemory memory = new((int)asked.RequiredNumber("len", 0, InputLimits.Bytes));
        return new BegunCall(begin(memory), result => VfioOperations.Read(result, memory.Bytes));
    }
}
