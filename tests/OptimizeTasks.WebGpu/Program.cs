using OptimizeTasks.CodeGeneration;
using OptimizeTasks.CodeGeneration.Tests;
using OptimizeTasks.Runtime;

namespace OptimizeTasks.WebGpu;

/// <summary>What a test runs in a process of its own: the search for an adapter happens once per process.</summary>
internal static class Program
{
    /// <summary>The arguments are a model and whether the processor may stand in.</summary>
    public static int Main(string[] arguments)
    {
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(arguments[0]), new ClassOptions { ClassName = "Model", Namespace = "App", TargetPath = "x.onnx" }, """
            public static string Load(string path, bool isRequired)
            {
                using var model = App.Model.Load(path, new ModelOptions { Providers = [Provider.WebGpu, Provider.Cpu], RequireProvider = isRequired });
                return model.Placement.ToString();
            }
            """);
        try
        {
            Console.WriteLine(caller.Call<string>("Load", arguments[0], bool.Parse(arguments[1])));
            return 0;
        }
        catch (ProviderException exception)
        {
            Console.WriteLine(exception.Message);
            return 1;
        }
    }
}
