using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Compares what is inferred for a model with what ONNX Runtime computes.</summary>
internal static class Truth
{
    /// <summary>
    /// What is wrong with the inferred types and elements of the main graph's values, for random sizes of the symbols.
    /// <paramref name="model"/> was inferred; <paramref name="copy"/> is the same model, and is changed.
    /// </summary>
    public static List<string> Faults(Model model, ShapeFacts facts, Model copy, Func<IReadOnlyList<string>, Random, Func<string, long?>> drawSizes, int runs)
    {
        var faults = new List<string>();
        using var reference = new ReferenceRun(copy);
        string[] symbols = [.. model.Graph.Inputs.SelectMany(i => i.Shape ?? Shape.Scalar).SelectMany(d => d.Symbols).Distinct()];
        for (int run = 0; run < runs; run++)
        {
            var random = new Random(run);
            Func<string, long?> sizes = drawSizes(symbols, random);
            Dictionary<string, OrtValue> inputs = Inputs(model, sizes, random);
            Dictionary<string, Computed> computed = reference.Run(inputs);
            foreach (Value value in model.Graph.Nodes.SelectMany(n => n.Outputs).OfType<Value>())
            {
                if (computed.TryGetValue(value.Name, out Computed? real))
                    Compare(value, facts, real, sizes, faults);
            }

            foreach (OrtValue input in inputs.Values)
                input.Dispose();
        }

        return faults;
    }

    private static void Compare(Value value, ShapeFacts facts, Computed real, Func<string, long?> sizes, List<string> faults)
    {
        string Where() => $"{value.Name} from {value.Producer!.OpType}({string.Join(", ", value.Producer.Inputs.Select(i => $"{i?.ElementType}{i?.Shape}"))})";
        if (value.ElementType != ElementType.Undefined && value.ElementType != real.Type)
            faults.Add($"{Where()}: {value.ElementType} is {real.Type}");
        if (value.Shape is { } shape)
        {
            bool isRight = shape.Rank == real.Sizes.Length && shape.Zip(real.Sizes).All(pair => !pair.First.IsKnown || IsAlias(pair.First, sizes) || pair.First.Evaluate(sizes) == pair.Second);
            if (!isRight)
                faults.Add($"{Where()}: {shape} is [{string.Join(", ", real.Sizes)}]");
        }

        if (facts.ValueOf(value) is { } elements && real.Elements is { } expected)
        {
            if (elements.Count != expected.Length || elements.Zip(expected).Any(pair => pair.First.IsKnown && pair.First.Evaluate(sizes) != pair.Second))
                faults.Add($"{Where()}: elements ({string.Join(", ", elements)}) are ({string.Join(", ", expected)})");
        }
    }

    /// <summary>A name that the model gives an output's size says nothing that could be compared.</summary>
    private static bool IsAlias(Dimension dimension, Func<string, long?> sizes) => dimension.Symbol is { } symbol && sizes(symbol) is null;

    private static Dictionary<string, OrtValue> Inputs(Model model, Func<string, long?> sizes, Random random)
    {
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        foreach (Value input in model.Graph.Inputs.Where(i => i.Initializer is null))
        {
            long[] shape = [.. input.Shape!.Select(d => d.Evaluate(sizes)!.Value)];
            inputs[input.Name] = input.Name switch
            {
                // A sampling rate, and the target of a reshape.
                "sr" => ReferenceRun.Of(shape, 16000),
                "shape" => ReferenceRun.Of(shape, 1, 2, 2, 2),
                _ => ReferenceRun.Draw(input.ElementType, shape, random),
            };
        }

        return inputs;
    }
}
