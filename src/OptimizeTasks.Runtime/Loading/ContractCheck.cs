using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Whether class, model and library belong together.</summary>
internal static class ContractCheck
{
    /// <summary>Whether this library keeps what the class expects.</summary>
    public static void CheckLibrary(ModelContract contract)
    {
        if (contract.RuntimeContract > RuntimeContract.Version)
        {
            throw new ModelMismatchException(
                $"the class {contract.ClassName} was generated for version {contract.RuntimeContract} of the runtime contract, and this version of OptimizeTasks.Runtime "
                + $"keeps version {RuntimeContract.Version}: use the same version of OptimizeTasks and OptimizeTasks.Runtime");
        }
    }

    /// <summary>Whether the model is the one that the class was generated from.</summary>
    public static void CheckManifest(ModelContract contract, CompiledModel manifest, string source)
    {
        if (manifest.RuntimeContract > RuntimeContract.Version)
        {
            throw new ModelMismatchException(
                $"{source} needs version {manifest.RuntimeContract} of the runtime contract, and this version of OptimizeTasks.Runtime "
                + $"keeps version {RuntimeContract.Version}: use the same version of OptimizeTasks and OptimizeTasks.Runtime");
        }

        if (manifest.Signature.Hash != contract.SignatureHash)
        {
            throw new ModelMismatchException(
                $"the class {contract.ClassName} was generated for a model with the signature {contract.SignatureHash}, and {source} has "
                + $"{manifest.Signature.Hash}: build the project again, or deploy the model that was built with it");
        }
    }

    /// <summary>Whether a session without manifest has the inputs and outputs that the class knows.</summary>
    public static void CheckSession(ModelContract contract, InferenceSession session)
    {
        foreach (ValueContract input in contract.Inputs)
        {
            if (session.InputMetadata.TryGetValue(input.Name, out NodeMetadata? metadata) || session.OverridableInitializerMetadata.TryGetValue(input.Name, out metadata))
                CheckType(contract, input, metadata);
            else
                throw Lacks(contract, "input", input.Name);
        }

        foreach (ValueContract output in contract.Outputs)
        {
            if (session.OutputMetadata.TryGetValue(output.Name, out NodeMetadata? metadata))
                CheckType(contract, output, metadata);
            else
                throw Lacks(contract, "output", output.Name);
        }

        string? unknown = session.InputMetadata.Keys.FirstOrDefault(name => !contract.Inputs.Any(input => input.Name == name));
        if (unknown is not null)
            throw new ModelMismatchException($"the model has the input {unknown}, which the class {contract.ClassName} does not know");
    }

    private static void CheckType(ModelContract contract, ValueContract value, NodeMetadata metadata)
    {
        if (value.Tensor is not { } tensor)
            return;
        if (!metadata.IsTensor || metadata.ElementDataType != (TensorElementType)tensor.ElementType)
        {
            string actual = metadata.IsTensor ? $"a tensor of {((ElementType)metadata.ElementDataType).OnnxName()}" : "no tensor";
            throw new ModelMismatchException($"the class {contract.ClassName} was generated for {value.Name} of {tensor.ElementType.OnnxName()}, and it is {actual}");
        }
    }

    private static ModelMismatchException Lacks(ModelContract contract, string kind, string name) =>
        new($"the model has no {kind} {name}, which the class {contract.ClassName} was generated for");
}
