using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Providers;

namespace OptimizeTasks.Runtime;

/// <summary>Any GPU of Windows through DirectML. Runs one call at a time.</summary>
public sealed record DirectMlProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "DirectMl";

    /// <summary>The GPU's number.</summary>
    public int DeviceId { get; init; }

    internal override string OrtName => "DmlExecutionProvider";

    internal override bool RunsOneCallAtATime => true;

    private protected override void AddOptions(IDictionary<string, string> options) => options["device_id"] = OptionText.Of(DeviceId);

    internal override void AppendTo(SessionOptions session, IReadOnlyDictionary<string, string> options)
    {
        // DirectML supports neither memory patterns nor parallel execution.
        session.EnableMemoryPattern = false;
        session.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        session.AppendExecutionProvider_DML(DeviceId);
    }
}
