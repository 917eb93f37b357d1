using System.Globalization;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Random sizes for the symbols of a model's inputs.</summary>
internal static class Sizes
{
    /// <summary>What a model asks of its sizes beyond what its signature says.</summary>
    private static readonly Dictionary<(string Model, string Symbol), long[]> s_choices = new()
    {
        [("fusion/embed_layer_norm_format8.onnx", "input_ids.1")] = [1, 2],
        [("fusion/embed_layer_norm_format8_opset13.onnx", "input_ids.1")] = [1, 2],
        [("fusion/embed_layer_norm_format9_opset13.onnx", "input_ids.1")] = [1, 2],
        [("ocr/ppocr-v2-cls.onnx", "p2o.DynamicDimension.1")] = [48, 50, 64],
        [("ocr/ppocr-v2-cls.onnx", "p2o.DynamicDimension.2")] = [192, 100, 33],
        [("ocr/ppocr-v4-rec.onnx", "p2o.DynamicDimension.1")] = [320, 100, 57],
        [("speech/silero-vad-v5.onnx", "input.1")] = [512, 576, 640],
    };

    public static Func<string, long?> Draw(string model, IReadOnlyList<string> symbols, Random random)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string symbol in symbols)
            sizes[symbol] = s_choices.TryGetValue((model, symbol), out long[]? choices) ? choices[random.Next(choices.Length)] : random.Next(1, 5);

        foreach (string symbol in symbols)
        {
            // Exporters write sums as names.
            string[] parts = symbol.Split('+', StringSplitOptions.TrimEntries);
            if (parts.Length > 1)
                sizes[symbol] = parts.Sum(part => long.TryParse(part, CultureInfo.InvariantCulture, out long number) ? number : sizes[part]);
        }

        if (sizes.ContainsKey("total_sequence_length"))
            sizes["total_sequence_length"] = sizes["past_sequence_length"] + sizes["sequence_length"];
        if (sizes.ContainsKey("total_seq_len"))
            sizes["total_seq_len"] = sizes["past_seq_len"] + sizes["seq_len"];
        for (int axis = 0; axis < 2; axis++)
        {
            if (sizes.ContainsKey($"input_mask.{axis}") && sizes.TryGetValue($"input_ids.{axis}", out long size))
                sizes[$"input_mask.{axis}"] = size;
        }

        if (sizes.ContainsKey("state.1"))
            sizes["state.1"] = sizes["input.0"];
        return symbol => sizes.TryGetValue(symbol, out long size) ? size : null;
    }
}
