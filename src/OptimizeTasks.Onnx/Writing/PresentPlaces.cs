using OptimizeTasks.Onnx.Reading;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>The places that tensors have in files already, whose name is to be another one.</summary>
internal sealed class PresentPlaces(FileSource modelFile, string location) : IExternalPlaces
{
    public string Location => location;

    public bool Takes(Tensor tensor, bool isAttribute) => tensor.Data is FileRange range && range.File != modelFile;

    public long Add(TensorData data) => ((FileRange)data).Offset;
}
