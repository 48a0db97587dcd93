using System.Reflection;
using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>
/// What all kernel functions hold where they wait. As the compiler makes them when it optimizes: else it keeps more than they need.
/// </summary>
public sealed class FrameFieldsTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Fact]
    public void A_fork_can_copy_all_that_kernel_functions_hold()
    {
        List<Type> functions =
            [.. typeof(Kernel).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(IAsyncStateMachine)))];
        functions.Should().NotBeEmpty();
        functions.SelectMany(static function => function.GetFields(All))
            .Where(static field => !FrameFields.CanFork(field.FieldType, field.Name))
            .Select(static field => $"{field.DeclaringType} holds {field.Name}, a {field.FieldType}")
            .Should().BeEmpty();
    }
}
