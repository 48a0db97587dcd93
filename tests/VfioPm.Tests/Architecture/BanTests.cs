namespace VfioPm.Tests;

/// <summary>What keeps the source easy to hold: it has nothing that is banned, and each ban finds what it should.</summary>
public sealed class BanTests
{
    private const string Task = "a task";
    private const string OtherAsync = "an async method that is no kernel call";
    private const string LeftBehind = "a kernel call that is left behind";
    private const string CatchAll = "a type named after nothing";
    private const string Profile = "a question which profile it is";
    private const string Namespace = "another namespace";

    /// <summary>As much of a kernel call as the compiler needs, and a function that returns one of each kind.</summary>
    private const string KernelCall =
        """
        using System.Runtime.CompilerServices;

        [AsyncMethodBuilder(typeof(Builder))]
        struct KernelCall { public TaskAwaiter GetAwaiter() => default; }

        [AsyncMethodBuilder(typeof(Builder<>))]
        struct KernelCall<T> { public TaskAwaiter<T> GetAwaiter() => default; }

        class Builder;
        class Builder<T>;

        class Gate
        {
            public KernelCall Take() => default;
            public KernelCall<int> TryTake() => default;
        }
        """;

    public static TheoryData<string> AllBans => [.. Bans.All.Select(ban => ban.Name)];

    [Theory]
    [MemberData(nameof(AllBans))]
    public void The_library_has_not(string what) =>
        Find(what, CodeModel.Library).Should().BeEmpty(Bans.All.Single(ban => ban.Name == what).Because);

    [Theory]
    [InlineData(Task, "class A { Task? Done; }", "A needs Task at src/VfioPm/Vfio/A.cs:1")]
    [InlineData(Task, "class A { void Run() => ValueTask.CompletedTask.GetAwaiter(); }", "A.Run needs ValueTask *")]
    [InlineData(Task, "class A { Func<Task<int>>? Callback; }", "A needs Task *")]
    [InlineData(Task, "class A { ValueTask DisposeAsync() => default; }", "A.DisposeAsync needs ValueTask *")]
    [InlineData(OtherAsync, "class A { async void Run() { } }", "A.Run returns void at *:1")]
    [InlineData(OtherAsync, "class A { async Task Run() { } }", "A.Run returns *Task at *")]
    [InlineData(OtherAsync, "class A { void Run() { async Task<int> Inner() => 1; } }", "A.Run returns *Task<int> at *")]
    [InlineData(OtherAsync, "class A { void Run() { Action run = async () => { }; } }", "A.Run returns void at *")]
    [InlineData(OtherAsync, "class A { async IAsyncEnumerable<int> All() { yield return 1; } }", "A.All returns *")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { g.Take(); } }", "A.Run at src/VfioPm/Vfio/A.cs:1: g.Take();")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { g.TryTake(); } }", "A.Run at *: g.TryTake();")]
    [InlineData(LeftBehind, "class A { async KernelCall Run(Gate g) { await g.Take(); g.TryTake(); } }", "A.Run at *: g.TryTake();")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) => g.Take(); }", "A.Run at *: g.Take()")]
    [InlineData(LeftBehind, "class A { Gate? L { set => value!.Take(); } }", "A.L at *: value!.Take()")]
    [InlineData(LeftBehind, "class A { A(Gate g) { g.Take(); } }", "A.A at *: g.Take();")]
    [InlineData(LeftBehind, "class A { void Run(Gate? g) { g?.Take(); } }", "A.Run at *: g?.Take();")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { _ = g.Take(); } }", "A.Run at *: _")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { (_, int i) = (g.TryTake(), 1); } }", "A.Run at *: _")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { Action run = () => g.Take(); } }", "A.Run at *: g.Take()")]
    [InlineData(LeftBehind, "class A { Action<Gate> Run = g => g.Take(); }", "A at *: g.Take()")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { for (; ; g.Take()) { } } }", "A.Run at *: g.Take()")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { void Inner() { g.Take(); } } }", "A.Run at *: g.Take();")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) { KernelCall call = g.Take(); } }", "A.Run at *: call = g.Take()")]
    [InlineData(CatchAll, "static class BarUtils;", "BarUtils at src/VfioPm/Vfio/A.cs:1")]
    [InlineData(CatchAll, "class Bar { class Helper; }", "Helper at *")]
    [InlineData(CatchAll, "interface IBarHelper;", "IBarHelper at *")]
    [InlineData(Profile, "class A { bool Is(KernelProfile p) => p == KernelProfile.RfcV1; }", "src/VfioPm/Vfio/A.cs:1: class A *")]
    [InlineData(Namespace, "namespace VfioPm.Pci { class A; }", "VfioPm.Pci.A at src/VfioPm/Vfio/A.cs:1")]
    [InlineData(Namespace, "class A;", "A at *")]
    public void A_ban_finds(string what, string code, string found) =>
        Find(what, code).Should().ContainSingle().Which.Should().Match(found);

    [Theory]
    [InlineData(Task, "class UserTimer { public ValueTask DisposeAsync() => ValueTask.CompletedTask; }")]
    [InlineData(Task, "class Task; class A { Task? Mine; }")]
    [InlineData(OtherAsync, "class A { async KernelCall Run() { } async KernelCall<int> Ask() => 1; }")]
    [InlineData(OtherAsync, "class A { Func<KernelCall> Run = async () => { }; }")]
    [InlineData(LeftBehind, "class A { async KernelCall<int> Run(Gate g) { await g.Take(); return await g.TryTake(); } }")]
    [InlineData(LeftBehind, "class A { async KernelCall Run(Gate g) { _ = await g.TryTake(); int i = await g.TryTake(); } }")]
    [InlineData(LeftBehind, "class A { KernelCall Run(Gate g) => g.Take(); KernelCall Ask(Gate g) { return g.Take(); } }")]
    [InlineData(LeftBehind, "class A { Func<Gate, KernelCall> Run = g => g.Take(); }")]
    [InlineData(LeftBehind, "class A { void Run(Gate g) => Begin(g.Take()); void Begin(KernelCall call) { } }")]
    [InlineData(LeftBehind, "class A { async KernelCall Run(Gate g) { KernelCall call = g.Take(); await call; } }")]
    [InlineData(LeftBehind, "class A { KernelCall _call; void Run(Gate g) { _call = g.Take(); } }")]
    [InlineData(CatchAll, "class Bar { string Helper => \"Utils\"; }")]
    [InlineData(Namespace, "namespace VfioPm { class A { class B; } }")]
    public void A_ban_lets_pass(string what, string code) => Find(what, code).Should().BeEmpty();

    private static IEnumerable<string> Find(string what, string code) => Find(what, CodeModel.Of(
        ("src/VfioPm/Vfio/A.cs", code),
        ("src/VfioPm/Kernel/KernelCall.cs", KernelCall)))
        .Where(found => !found.Contains("KernelCall.cs", StringComparison.Ordinal));

    private static IEnumerable<string> Find(string what, CodeModel code) =>
        Bans.All.Single(ban => ban.Name == what).Find(code);
}
