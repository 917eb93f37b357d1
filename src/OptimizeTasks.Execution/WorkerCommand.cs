using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;

namespace OptimizeTasks.Execution;

/// <summary>
/// The command that starts a worker: a program that calls <see cref="WorkerHost.Run()"/>. A host that wants to run models
/// gives one of its own commands to this purpose.
/// </summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record WorkerCommand(string FileName, ImmutableArray<string> Arguments)
{
    /// <summary>This program again, with these arguments.</summary>
    /// <param name="arguments">What makes the program call <see cref="WorkerHost.Run()"/>, for instance <c>worker</c>.</param>
    /// <exception cref="InvalidOperationException">This process runs no program of its own that could be started again.</exception>
    public static WorkerCommand Self(params ImmutableArray<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        if (!IsDotnet(program))
            return new WorkerCommand(program, arguments);
        string name = Assembly.GetEntryAssembly()?.GetName().Name ?? throw new InvalidOperationException("This process has no entry assembly.");
        // Not where the assembly was loaded from: that may be an image for this platform, apart from what belongs to the program.
        string assembly = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        return new WorkerCommand(program, [assembly, .. arguments]);
    }

    /// <summary>An assembly that has an entry point, run by the <c>dotnet</c> of this process.</summary>
    internal static WorkerCommand OfAssembly(string assemblyPath, params ImmutableArray<string> arguments) =>
        new(Environment.ProcessPath is { } program && IsDotnet(program) ? program : DotnetPath(), [assemblyPath, .. arguments]);

    internal ProcessStartInfo ToStartInfo()
    {
        var start = new ProcessStartInfo(FileName)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in Arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    private static bool IsDotnet(string program) => Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);

    private static string DotnetPath() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
