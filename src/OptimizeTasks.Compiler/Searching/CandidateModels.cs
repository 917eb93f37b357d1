using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>Compiles a model under one plan after the other, into a folder.</summary>
/// <param name="options">What is asked for beside the plan.</param>
/// <param name="runner">Runs constant parts of the graph.</param>
/// <param name="path">The model.</param>
/// <param name="folder">Where the compiled models go.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class CandidateModels(CompilerOptions options, IModelRunner runner, string path, string folder, CancellationToken cancellationToken)
{
    /// <summary>The model under a plan, or without one.</summary>
    public CandidateModel Make(CompressionPlan? plan, string name) => Make(options with { Quantization = QuantizationMode.None, Plan = plan }, name);

    /// <summary>The model with every layer in one format.</summary>
    public CandidateModel Make(QuantizationMode mode, string name) => Make(options with { Quantization = mode, Plan = null }, name);

    private CandidateModel Make(CompilerOptions asked, string name)
    {
        using CompilationResult result = new ModelCompiler(asked with { DumpFolder = null, Explain = null }, runner).Compile(path, cancellationToken: cancellationToken);
        string written = Path.Combine(folder, name + ".onnx");
        ModelWriter.Write(result.Model, written, result.WriteOptions, cancellationToken);
        // Data stand beside the model under its name.
        long bytes = Directory.EnumerateFiles(folder, name + ".onnx*").Sum(file => new FileInfo(file).Length);
        return new CandidateModel(written, new SessionSettings { Optimization = result.LoadOptimization }, bytes, result.Plan);
    }
}
