using OptimizeTasks.Onnx;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>Models of one node, in memory.</summary>
internal static class SmallModels
{
    /// <summary>A model whose graph this function fills.</summary>
    public static byte[] Of(Action<Graph> fill, int opset = 17, int machineLearningOpset = 0)
    {
        var graph = new Graph("small");
        fill(graph);
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = opset;
        if (machineLearningOpset != 0)
            model.Opsets["ai.onnx.ml"] = machineLearningOpset;
        return ModelWriter.ToBytes(model);
    }

    /// <summary><c>y = Identity(x)</c>.</summary>
    public static byte[] Identity(OnnxType type) => Of(graph =>
    {
        Value y = graph.Apply("Identity", [graph.AddInput("x", type)], "y");
        y.Type = type;
        graph.AddOutput(y);
    });
}
