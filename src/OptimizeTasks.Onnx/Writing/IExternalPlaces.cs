namespace OptimizeTasks.Onnx.Writing;

/// <summary>Which tensors are in a file beside the model, and where in it.</summary>
internal interface IExternalPlaces
{
    /// <summary>The file's name, as the model gives it.</summary>
    string Location { get; }

    /// <summary>Whether the tensor is there.</summary>
    bool Takes(Tensor tensor, bool isAttribute);

    /// <summary>The place of the bytes.</summary>
    long Add(TensorData data);
}
