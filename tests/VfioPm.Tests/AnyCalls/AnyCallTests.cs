using VfioPm.AnyCalls;

namespace VfioPm.Tests;

/// <summary>
/// Whatever is called, in whatever order and from wherever, the model answers, or says what is wrong with the call; and then nothing is
/// left locked, and what is repeated, from the beginning or in a fork, gives the same.
/// </summary>
public sealed class AnyCallTests
{
    private const int Length = 60;
    private const int Sequences = 280;

    public static TheoryData<string> Profiles => [.. KernelProfile.All.Select(static profile => profile.Name)];

    /// <summary>A hundred thousand calls in all; <c>tests/VfioPm.AnyCalls</c> is a command for as many as one likes.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_sequence_of_calls_is_answered(string profile)
    {
        for (int seed = 0; seed < Sequences; seed++)
        {
            var trial = new CallTrial(KernelProfile.Parse(profile), seed, Length);
            if (trial.Run() is { } problem)
            {
                Assert.Fail(trial.Explain(problem));
            }
        }
    }

    /// <summary>Users, guests, cards and an administrator, in any order: a hundred thousand deeds in all.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public void Whatever_people_do_the_rules_hold_that_the_kernel_keeps(string profile)
    {
        for (int seed = 0; seed < Sequences; seed++)
        {
            var trial = new CitizenTrial(KernelProfile.Parse(profile), seed, Length);
            if (trial.Run() is { } problem)
            {
                Assert.Fail(trial.Explain(problem));
            }
        }
    }

    /// <summary>That of a constructor's, a method's or a property's which takes an object and not null.</summary>
    [Fact]
    public void Null_is_refused_by_name_where_it_is_no_value()
    {
        List<string> accepted = [];
        foreach (SurfaceMember member in Surface.All
            .Concat(Surface.MembersOf(typeof(Exploration)))
            .Concat(Surface.MembersOf(typeof(ActorSteps<SimulatedHost>)))
            .Where(static member => !member.IsOfValue))
        {
            for (int i = 0; i < member.Parameters.Count; i++)
            {
                if (member.TakesObject(i) && !member.IsNullable[i] && NullArgument.FindFault(member, i) is { } fault)
                {
                    accepted.Add($"{member.Name}({member.Parameters[i].Name}): {fault}");
                }
            }
        }

        string.Join('\n', accepted).Should().BeEmpty();
    }
}
