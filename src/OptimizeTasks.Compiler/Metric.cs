namespace OptimizeTasks.Compiler;

/// <summary>How the outputs of a compiled model are judged against those of the original, over samples.</summary>
public enum Metric
{
    /// <summary>The relative L2 error ‖a−b‖ / ‖a‖: the root mean square over the samples, of the worst output.</summary>
    RelativeL2,

    /// <summary>The cosine of the angle between the outputs: the mean over the samples, of the worst output.</summary>
    Cosine,

    /// <summary>The Kullback-Leibler divergence of the softmax of every row, in nats: the mean, of the worst output.</summary>
    KullbackLeibler,

    /// <summary>The share of rows whose greatest element stays in its place, of the worst output.</summary>
    Top1Agreement,

    /// <summary>The share of rows whose greatest element stands where the label says, of the first output.</summary>
    Accuracy,
}
