using System.Linq.Expressions;
using System.Reflection;

namespace VfioPm.AnyCalls;

/// <summary>A public constructor, method, or part of a property, which can be called with boxed arguments.</summary>
internal sealed class SurfaceMember
{
    private readonly Lazy<Func<object?, object?[], object?>> _call;
    private readonly Lazy<IReadOnlySet<string>> _exceptions;

    public SurfaceMember(MethodBase method)
    {
        Method = method;
        Parameters = [.. method.GetParameters().Where(static parameter => !parameter.IsOut)];
        IsNullable = [.. Parameters.Select(static parameter => MayBeNull(parameter))];
        Name = method.IsConstructor ? $"new {NameOf(method.DeclaringType!)}" : $"{NameOf(method.DeclaringType!)}.{method.Name}";
        _call = new(Compile);
        _exceptions = new(() => DocumentedExceptions.Of(method));
    }

    public MethodBase Method { get; }

    /// <summary>"VfioDeviceFile.Read".</summary>
    public string Name { get; }

    /// <summary>What is passed in; what comes out is part of the result.</summary>
    public IReadOnlyList<ParameterInfo> Parameters { get; }

    /// <summary>For each parameter whether null is a value.</summary>
    public IReadOnlyList<bool> IsNullable { get; }

    /// <summary>Whether it is a value's, which is what its maker made it.</summary>
    public bool IsOfValue => Method.DeclaringType is { IsValueType: true } || Method.DeclaringType!.GetMethod("<Clone>$") is not null;

    public Type? Receiver => Method.IsStatic || Method.IsConstructor ? null : Method.DeclaringType;

    /// <summary>The full names of the exceptions that its comment has.</summary>
    public IReadOnlySet<string> Exceptions => _exceptions.Value;

    /// <summary>Whether a parameter is for an object, of which there may be none.</summary>
    public bool TakesObject(int index) => Parameters[index].ParameterType is { IsValueType: false, IsByRef: false };

    public object? Call(object? receiver, object?[] arguments) => _call.Value(receiver, arguments);

    /// <summary>Whether expressions can call it at all.</summary>
    public static bool IsCallable(MethodBase method) =>
        !method.ContainsGenericParameters
        && method.GetParameters().All(static parameter => !parameter.ParameterType.IsPointer)
        && (method is not MethodInfo { ReturnType: var type } || !type.IsByRefLike || IsSpan(type));

    private static string NameOf(Type type) => type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name.Split('`')[0];

    private static bool IsSpan(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(Span<>) || open == typeof(ReadOnlySpan<>));

    private static bool MayBeNull(ParameterInfo parameter) => parameter.ParameterType.IsValueType
        ? Nullable.GetUnderlyingType(parameter.ParameterType) is not null
        : new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;

    private Func<object?, object?[], object?> Compile()
    {
        ParameterExpression receiver = Expression.Parameter(typeof(object));
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]));
        List<ParameterExpression> results = [];
        List<Expression> passed = [];
        int next = 0;
        foreach (ParameterInfo parameter in Method.GetParameters())
        {
            if (parameter.IsOut)
            {
                ParameterExpression result = Expression.Variable(parameter.ParameterType.GetElementType()!);
                results.Add(result);
                passed.Add(result);
            }
            else
            {
                passed.Add(Unbox(Expression.ArrayIndex(arguments, Expression.Constant(next++)), parameter.ParameterType));
            }
        }

        Expression call = Method switch
        {
            ConstructorInfo constructor => Expression.New(constructor, passed),
            MethodInfo { IsStatic: true } method => Expression.Call(method, passed),
            _ => Expression.Call(Expression.Convert(receiver, Method.DeclaringType!), (MethodInfo)Method, passed),
        };
        Expression boxed = call.Type == typeof(void)
            ? Expression.Block(call, Expression.Constant(null))
            : IsSpan(call.Type)
                ? Expression.Call(call, call.Type.GetMethod("ToArray")!)
                : Expression.Convert(call, typeof(object));
        Expression body = results.Count == 0 ? boxed : Gather(boxed, results);
        return Expression.Lambda<Func<object?, object?[], object?>>(body, receiver, arguments).Compile();
    }

    /// <summary>What came out beside what was returned comes in one array.</summary>
    private static BlockExpression Gather(Expression boxed, List<ParameterExpression> results)
    {
        ParameterExpression returned = Expression.Variable(typeof(object));
        return Expression.Block(
            [returned, .. results],
            Expression.Assign(returned, boxed),
            Expression.NewArrayInit(
                typeof(object), results.Select(static result => Expression.Convert(result, typeof(object))).Prepend<Expression>(returned)));
    }

    private static Expression Unbox(Expression value, Type type)
    {
        Type wanted = type.IsByRef ? type.GetElementType()! : type;
        if (wanted == typeof(VfioIrqSet))
        {
            return Expression.Call(Expression.Convert(value, typeof(IrqSetRecipe)), nameof(IrqSetRecipe.Make), null);
        }

        if (!IsSpan(wanted))
        {
            return Expression.Convert(value, wanted);
        }

        Type array = wanted.GetGenericArguments()[0].MakeArrayType();
        return Expression.Call(wanted.GetMethod("op_Implicit", [array])!, Expression.Convert(value, array));
    }
}
