namespace OptimizeTasks.Compiler;

/// <summary>
/// Every kind of diagnostic: <c>OPT1xxx</c> the model, <c>OPT2xxx</c> the optimiser, <c>OPT3xxx</c> compression and accuracy,
/// <c>OPT4xxx</c> source generation, <c>OPT5xxx</c> the environment and the item's metadata.
/// </summary>
public static class Diagnostics
{
    /// <summary>The model file does not exist.</summary>
    public static DiagnosticDescriptor ModelNotFound { get; } = Error("OPT1001", "model not found", "Check the path of the OptimizedModel item.");

    /// <summary>The file is no ONNX model.</summary>
    public static DiagnosticDescriptor NotAModel { get; } = Error("OPT1002", "not an ONNX model", "Check that the file is an ONNX protobuf, and that a large-file pointer was replaced by the file itself.");

    /// <summary>The file ends in the middle.</summary>
    public static DiagnosticDescriptor ModelTruncated { get; } = Error("OPT1003", "model truncated", "Fetch or export the file again.");

    /// <summary>A file with weights does not exist or is too short.</summary>
    public static DiagnosticDescriptor ExternalDataMissing { get; } = Error("OPT1004", "external data missing", "Put the data file where the model expects it, beside the model.");

    /// <summary>A file with weights would lie outside the model's folder.</summary>
    public static DiagnosticDescriptor ExternalDataOutside { get; } = Error("OPT1005", "external data outside the model's folder", "Export the model again with its data in its own folder.");

    /// <summary>The model is written in a version of ONNX that the compiler does not know.</summary>
    public static DiagnosticDescriptor UnsupportedOpset { get; } = Error("OPT1006", "unsupported operator set", "Export the model with an operator set between 7 and the newest that the pinned ONNX Runtime runs.");

    /// <summary>The graph contradicts itself.</summary>
    public static DiagnosticDescriptor InvalidGraph { get; } = Error("OPT1007", "invalid graph", "Export the model again; a checker such as ONNX's own names every fault.");

    /// <summary>ONNX Runtime does not load the model.</summary>
    public static DiagnosticDescriptor ModelDoesNotLoad { get; } = Error("OPT1008", "ONNX Runtime refuses the model", "Check that the model runs in ONNX Runtime before it is optimised.");

    /// <summary>The compiled model does not compute what the original computes.</summary>
    public static DiagnosticDescriptor VerificationFailed { get; } = Error("OPT2001", "verification failed", "Name the pass in DisabledPasses, or raise Tolerance if the difference is acceptable, and please report it.");

    /// <summary>Verification did not happen.</summary>
    public static DiagnosticDescriptor VerificationSkipped { get; } = Warning("OPT2002", "verification skipped", "Set Verify to false if that is intended.");

    /// <summary>The process that runs models died or took too long.</summary>
    public static DiagnosticDescriptor RunnerFailed { get; } = Error("OPT2003", "running the model failed", "Check that the model runs in ONNX Runtime, and that there is enough memory.");

    /// <summary>An option names a pass that does not exist.</summary>
    public static DiagnosticDescriptor UnknownPass { get; } = Error("OPT2004", "unknown pass", "Correct the name.");

    /// <summary>An option fixes a dimension that the model does not have.</summary>
    public static DiagnosticDescriptor UnknownDimension { get; } = Error("OPT2005", "unknown dimension", "Correct the name in Dimensions.");

    /// <summary>The model stays in its own operator set.</summary>
    public static DiagnosticDescriptor OpsetKept { get; } = Information("OPT2006", "operator set kept", "The model still runs; fewer rules apply to it.");

    /// <summary>The result cannot be written in the operator set that the user asks for.</summary>
    public static DiagnosticDescriptor OpsetImpossible { get; } = Error("OPT2007", "operator set impossible", "Raise Opset or remove it.");

    /// <summary>A constant part of the graph could not be computed, and stays.</summary>
    public static DiagnosticDescriptor FoldingSkipped { get; } = Information("OPT2008", "constant part kept", "The model still runs; the part is computed in every run.");

    /// <summary>ONNX Runtime's own optimisations change what the original computes, and the compiled model with it.</summary>
    public static DiagnosticDescriptor RuntimeChangesModel { get; } = Warning("OPT2009", "the runtime changes the model", "Without them both models compute the same: the manifest of the compiled model says that it is to be loaded so.");

    /// <summary>An option promises something of an input that the model does not have, or that the promise does not suit.</summary>
    public static DiagnosticDescriptor ImpossibleContract { get; } = Error("OPT2010", "impossible contract", "Correct the names in Contracts, or remove it.");

    /// <summary>A variant that is asked for cannot be chosen by the sizes of inputs.</summary>
    public static DiagnosticDescriptor ImpossibleVariant { get; } = Error("OPT2011", "impossible variant", "Correct Variants, or remove it.");

    /// <summary>A weight that is to be quantised has infinities or NaN in it.</summary>
    public static DiagnosticDescriptor WeightNotFinite { get; } = Error("OPT3001", "weight not finite", "Name the node in ExcludeNodes, or export the model again.");

    /// <summary>The model has operators that only quantised models have.</summary>
    public static DiagnosticDescriptor AlreadyQuantized { get; } = Warning("OPT3002", "already quantised", "It stays as it is; set Quantization to None, or start from the model in floating point.");

    /// <summary>Nothing in the model can have the format that was asked for.</summary>
    public static DiagnosticDescriptor NothingQuantized { get; } = Warning("OPT3003", "nothing quantised", "The report says why for every node; on graphics processors, Int4 and Int8 are the formats with kernels.");

    /// <summary>A plan cannot be read, or does not fit the model.</summary>
    public static DiagnosticDescriptor InvalidPlan { get; } = Error("OPT3004", "plan does not fit", "Correct the plan, or take the one in the report of a compilation without it.");

    /// <summary>The quantised model differs from the original by more than was allowed.</summary>
    public static DiagnosticDescriptor AccuracyBudgetExceeded { get; } = Error("OPT3005", "accuracy budget exceeded", "Choose a finer format, name the worst nodes in ExcludeNodes, or raise AccuracyBudget.");

    /// <summary>The precision that was asked for cannot go with the other options.</summary>
    public static DiagnosticDescriptor PrecisionImpossible { get; } = Error("OPT3006", "precision impossible", "Change Precision, or the option that it cannot go with.");

    /// <summary>No node can have the precision that was asked for.</summary>
    public static DiagnosticDescriptor NothingConverted { get; } = Warning("OPT3007", "nothing converted", "The report says why for every node; remove Precision if the model is to stay as it is.");

    /// <summary>Nobody knows how large the values inside the model get.</summary>
    public static DiagnosticDescriptor RangesUnchecked { get; } = Warning("OPT3008", "values not checked", "Compare the result with the original on inputs of your own (dotnet onnx verify), or name nodes in ExcludeNodes.");

    /// <summary>Half precision is asked for where it makes the model slower.</summary>
    public static DiagnosticDescriptor SlowPrecision { get; } = Warning("OPT3009", "half precision on the CPU", "Name the providers that will run the model, or remove Precision.");

    /// <summary>The comparison did not run the compiled model itself.</summary>
    public static DiagnosticDescriptor VerificationEmulated { get; } = Information("OPT3010", "verification emulated", "Compare both models on the hardware that will run them before you rely on it.");

    /// <summary>No format is both within the accuracy budget and faster than floating point.</summary>
    public static DiagnosticDescriptor NoFormatHolds { get; } = Warning("OPT3011", "nothing worth quantising", "Raise AccuracyBudget to the error of a plan that the report lists, or set Quantization to None.");

    /// <summary>A model cannot be calibrated: there are no samples, or it does not run on one.</summary>
    public static DiagnosticDescriptor CalibrationFailed { get; } = Error("OPT3020", "calibration failed", "Give samples that the model runs on in CalibrationData, or choose a format without calibration.");

    /// <summary>An activation that is to be quantised has infinities or NaN in it.</summary>
    public static DiagnosticDescriptor ActivationNotFinite { get; } = Error("OPT3021", "activation not finite", "Name the node in ExcludeNodes, or correct the sample.");

    /// <summary>Nobody gave samples to calibrate on.</summary>
    public static DiagnosticDescriptor SyntheticCalibration { get; } = Warning("OPT3022", "calibrated on drawn inputs", "Name files with some hundred real inputs in CalibrationData: they decide how exact the result is.");

    /// <summary>The class cannot be named as the item says.</summary>
    public static DiagnosticDescriptor InvalidClass { get; } = Error("OPT4001", "class name impossible", "Give the item a ClassName and a Namespace that C# accepts.");

    /// <summary>Something that nobody expected: a fault of OptimizeTasks.</summary>
    public static DiagnosticDescriptor UnexpectedFailure { get; } = Error("OPT5001", "unexpected failure", "This is a bug of OptimizeTasks: please report it, with the model if you can share it. The variable OPTIMIZETASKS_DEBUG=1 adds the stack trace.");

    /// <summary>A metadata or option has a value that it cannot have.</summary>
    public static DiagnosticDescriptor InvalidMetadataValue { get; } = Error("OPT5002", "wrong value", "Correct the item's metadata, or the option.");

    /// <summary>A metadata is nearly named like one of ours.</summary>
    public static DiagnosticDescriptor UnknownMetadata { get; } = Error("OPT5003", "unknown metadata", "Correct the name: as it stands it has no effect.");

    /// <summary>Something documented that this version does not do.</summary>
    public static DiagnosticDescriptor NotAvailableYet { get; } = Error("OPT5004", "not available yet", "Remove it, or wait for a version that has it.");

    /// <summary>A file or folder cannot be written.</summary>
    public static DiagnosticDescriptor CannotWrite { get; } = Error("OPT5005", "output cannot be written", "Check the path, the permissions and the free space.");

    /// <summary>A file cannot be read, though it exists.</summary>
    public static DiagnosticDescriptor CannotRead { get; } = Error("OPT5006", "input cannot be read", "Check the path and the permissions, and whether another process holds the file.");

    /// <summary>The options file of a build cannot be understood.</summary>
    public static DiagnosticDescriptor InvalidOptionsFile { get; } = Error("OPT5007", "options file not understood", "Use the tool that came with the OptimizeTasks package, and clean the project.");

    /// <summary>The user, or the build, ended it.</summary>
    public static DiagnosticDescriptor Cancelled { get; } = Error("OPT5008", "cancelled", "Nothing was written; start it again.");

    /// <summary>A file with inputs does not fit the models.</summary>
    public static DiagnosticDescriptor InvalidInputs { get; } = Error("OPT5009", "inputs do not fit", "Give an array for every input of the model, named like it, of its type and shape.");

    /// <summary>The cache of compiled models cannot be read or written.</summary>
    public static DiagnosticDescriptor CacheUnavailable { get; } = Information("OPT5010", "cache not used", "The model was compiled without it. Set OptimizeTasksCachePath to another folder, or OptimizeTasksCache to false.");

    /// <summary>Nothing is where samples should be.</summary>
    public static DiagnosticDescriptor NoSamples { get; } = Error("OPT5011", "no samples", "Give files (.npz, .npy, .jsonl), a folder of them, or a pattern with * and ?; paths are relative to the project.");

    /// <summary>A class of the project that makes samples cannot be loaded, or failed.</summary>
    public static DiagnosticDescriptor SampleClassFailed { get; } = Error("OPT5012", "class of samples failed", "Give one class with a static method Samples() that returns dictionaries of arrays; it runs in the build, in the folder of the project.");

    /// <summary>There is no <c>dotnet</c> to run the compiler with.</summary>
    public static DiagnosticDescriptor DotnetNotFound { get; } = Error("OPT5020", "dotnet not found", "Set DOTNET_ROOT to the folder of an installed .NET 8 or newer, or add it to the path.");

    /// <summary>The compiler's process died.</summary>
    public static DiagnosticDescriptor CompilerCrashed { get; } = Error("OPT5021", "compiler crashed", "Check that there is enough memory; if there is, please report it, with the model if you can share it.");

    /// <summary>The compiler's process took too long.</summary>
    public static DiagnosticDescriptor CompilerTimedOut { get; } = Error("OPT5022", "compiler took too long", "Raise the property OptimizeTasksTimeout, in seconds, if the model needs more.");

    /// <summary>Two items would be copied to the same place.</summary>
    public static DiagnosticDescriptor DuplicateTargetPath { get; } = Error("OPT5023", "same target path", "Give one of them a TargetPath of its own.");

    /// <summary>Two items would become the same class.</summary>
    public static DiagnosticDescriptor DuplicateClass { get; } = Error("OPT5024", "same class", "Give one of them a ClassName or a Namespace of its own.");

    /// <summary>The app has nothing that runs models.</summary>
    public static DiagnosticDescriptor NoNativeOnnxRuntime { get; } = Warning("OPT5025", "no native ONNX Runtime", "Add one package with it, for instance Microsoft.ML.OnnxRuntime.");

    /// <summary>The app has two packages with the same native library.</summary>
    public static DiagnosticDescriptor SeveralNativeOnnxRuntimes { get; } = Warning("OPT5026", "several native ONNX Runtimes", "Keep one of them.");

    private static DiagnosticDescriptor Information(string code, string title, string remedy) => new(code, DiagnosticSeverity.Information, title, remedy);

    private static DiagnosticDescriptor Error(string code, string title, string remedy) => new(code, DiagnosticSeverity.Error, title, remedy);

    private static DiagnosticDescriptor Warning(string code, string title, string remedy) => new(code, DiagnosticSeverity.Warning, title, remedy);
}
