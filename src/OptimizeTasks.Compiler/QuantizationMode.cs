namespace OptimizeTasks.Compiler;

/// <summary>In which format weights are kept, where the node that uses them has a kernel for it.</summary>
public enum QuantizationMode
{
    /// <summary>As in the model.</summary>
    None,

    /// <summary>Weights of 8 bits, activations quantised to 8 bits in every run: for transformers and recurrent networks on processors.</summary>
    Dynamic,

    /// <summary>Weights and activations of 8 bits, with ranges that samples showed beforehand: for convolutional networks.</summary>
    Static,

    /// <summary>Weights of 4 bits in blocks: for decoders, whose speed is that of reading weights.</summary>
    Int4,

    /// <summary>Weights of 8 bits in blocks.</summary>
    Int8,

    /// <summary>What <see cref="PlanSearch"/> finds to be fastest within the error budget. Its plan is what a compilation takes.</summary>
    Auto,
}
