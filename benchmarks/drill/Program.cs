using System.Runtime.InteropServices;
using OrleansKv.Drill;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Options.Help}");
    return 2;
}
if (options.WantsHelp)
{
    Console.WriteLine(Options.Help);
    return 0;
}

// The processes are ended on the way out, whoever asks for it.
using var stop = new CancellationTokenSource(options.LimitMs);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
try
{
    return DrillRun.Run(options, Console.Out, stop.Token) ? 1 : 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("ended before it was finished: interrupted, or --limit was reached");
    return 3;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine(e.InnerException is null ? e.Message : $"{e.Message}: {e.InnerException}");
    return 3;
}

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
