using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using VfioPm.Benchmarks;

if (args is ["--quick", ..])
{
    QuickRun.Print(prefix: args.ElementAtOrDefault(1) ?? "");
    return;
}

// In this process: the generated projects of other toolchains would be held to this repository's build rules.
ManualConfig config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
