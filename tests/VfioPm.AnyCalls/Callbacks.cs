using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace VfioPm.AnyCalls;

/// <summary>Functions that a test hands over, of any type: they do something in the world whose call is being made, and answer something.</summary>
internal static class Callbacks
{
    // Hosts are used on several threads at once.
    private static readonly ConcurrentDictionary<Type, Delegate> Made = [];

    public static Func<RuntimePmDevice, KernelResult> OfDevice { get; } = static device =>
    {
        World.Current!.DoNested(device);
        return World.Current!.Answer(4) == 0 ? Errno.EBUSY : KernelResult.Success;
    };

    public static Delegate Of(Type type) => Made.GetOrAdd(type, Compile);

    private static Delegate Compile(Type type)
    {
        MethodInfo invoke = type.GetMethod("Invoke")!;
        ParameterExpression[] parameters = [.. invoke.GetParameters().Select(static parameter => Expression.Parameter(parameter.ParameterType))];
        MethodInfo answer = typeof(Callbacks).GetMethod(nameof(Answer), BindingFlags.Static | BindingFlags.NonPublic)!;
        Expression call = Expression.Call(
            answer,
            Expression.Constant(invoke.ReturnType, typeof(Type)),
            Expression.NewArrayInit(typeof(object), parameters.Select(static parameter => Expression.Convert(parameter, typeof(object)))));
        return Expression.Lambda(
            type, invoke.ReturnType == typeof(void) ? call : Expression.Convert(call, invoke.ReturnType), parameters).Compile();
    }

    private static object? Answer(Type type, object?[] given)
    {
        World world = World.Current!;
        world.DoNested(given);
        return type == typeof(void) ? null
            : type == typeof(bool) ? world.Answer(2) == 0
            : type == typeof(KernelResult) ? (KernelResult)Errno.EBUSY
            : type.IsValueType ? Activator.CreateInstance(type) : null;
    }
}
