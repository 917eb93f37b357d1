using System.Numerics.Tensors;
using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;
using OptimizeTasks.Runtime.Loading;

namespace OptimizeTasks.Runtime.Tests;

/// <summary>A class as the generator writes it, with its contract open to changes.</summary>
internal sealed class DigitsCnn : OptimizedModel
{
    public static readonly Signature Signature = new()
    {
        Inputs = [new() { Name = "image", Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = ["batch", 1, 8, 8] } }],
        Outputs = [new() { Name = "logits", Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = ["batch", 10] } }],
    };

    public DigitsCnn(InferenceSession session)
        : base(NewContract(), session)
    {
    }

    private DigitsCnn(ModelContract contract, LoadedModel loaded)
        : base(contract, loaded)
    {
    }

    public static ModelContract NewContract(int runtimeContract = RuntimeContract.Version, string providers = "Cpu", string input = "image", ElementType type = ElementType.Float) => new()
    {
        ClassName = "DigitsCnn",
        RuntimeContract = runtimeContract,
        SignatureHash = Signature.Hash,
        TargetPath = "models/digits-cnn.onnx",
        Providers = providers,
        Inputs = [ValueContract.OfTensor(input, "image", type, "batch", 1, 8, 8)],
        Outputs = [ValueContract.OfTensor("logits", "logitsDestination", ElementType.Float, "batch", 10)],
    };

    public static DigitsCnn Load(string? path, ModelOptions? options = null, ModelContract? contract = null)
    {
        contract ??= NewContract();
        return new(contract, ModelLoader.Load(contract, path, options));
    }

    public static DigitsCnn Load(Stream model) => new(NewContract(), ModelLoader.Load(NewContract(), model, null));

    public static DigitsCnn LoadResource(Assembly assembly, string name) => new(NewContract(), ModelLoader.LoadResource(NewContract(), assembly, name, null));

    public void Run(in ReadOnlyTensorSpan<float> image, in TensorSpan<float> logitsDestination)
    {
        ShapeList callShapes = new(stackalloc nint[2 + image.Rank + logitsDestination.Rank]);
        callShapes.Add(image.Lengths);
        callShapes.Add(logitsDestination.Lengths);
        using BoundCall boundCall = Bind(callShapes);
        boundCall.CopyIn(0, image);
        boundCall.Run();
        boundCall.CopyOut(0, logitsDestination);
    }

    public float[] Run(float[] image)
    {
        float[] logits = new float[image.Length / 64 * 10];
        Run(new ReadOnlyTensorSpan<float>(image, [image.Length / 64, 1, 8, 8]), new TensorSpan<float>(logits, [image.Length / 64, 10]));
        return logits;
    }

    public async Task<float[]> RunAsync(TensorMemory<float> image, CancellationToken cancellationToken)
    {
        using InputValues inputValues = NewInputs();
        inputValues.Add(image.AsTensorSpan());
        using var outputs = new Outputs(await InvokeAsync(inputValues, cancellationToken));
        return outputs.ToArray();
    }

    private sealed class Outputs(OutputValues values) : ModelOutputs(values)
    {
        public float[] ToArray()
        {
            ReadOnlyTensorSpan<float> logits = GetTensor<float>(0);
            float[] elements = new float[logits.FlattenedLength];
            logits.FlattenTo(elements);
            return elements;
        }
    }
}
