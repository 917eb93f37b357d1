using System.Collections.Immutable;
using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Importing;
using OptimizeTasks.Compiler.Lowering;
using OptimizeTasks.Compiler.Lowering.Precision;
using OptimizeTasks.Compiler.Lowering.Quantization;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Raising;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Compiler.Simplification;

namespace OptimizeTasks.Compiler;

/// <summary>Every pass, in the order in which they run, with the reason why each stands where it stands.</summary>
internal static class Pipeline
{
    private const int SimplifyRounds = 4;
    private const int RaiseRounds = 2;
    private const int FoldRounds = 4;

    public static ImmutableArray<Stage> Stages { get; } =
    [
        // Import: afterwards there is one way to write everything.
        new(Phase.Import, OptimizationLevel.None, 1,
        [
            // First, and at every level: rules count on what an operator always has.
            new CheckOperators(),

            // Early, and at every level: a size that is known makes more shapes known, and more rules fire.
            new FixDimensions(),

            // At every level: a newer version of the file would let callers override the weights.
            new FixWeightInputs(),
        ]),
        new(Phase.Import, OptimizationLevel.Basic, 1,
        [
            // Before everything that looks at operators: a call hides them.
            new InlineFunctions(),

            // Every constant is an initializer from here on.
            new ConstantsToInitializers(),

            // Some conversions need to know types and ranks.
            new InferShapes(),

            // Behind inlining, so that functions are converted as well.
            new ConvertOpset(),
        ]),

        // Simplify: repeated, since every pass makes work for the others.
        new(Phase.Simplify, OptimizationLevel.Basic, SimplifyRounds,
        [
            // The proofs of everything below.
            new InferShapes(),

            // Before folding: what shapes say need not be run.
            new EvaluateShapes(),

            // Before sharing: two chains that differ in a no-op are the same after it.
            new RemoveNoOps(),
            new CollapseChains(),

            // Before transposes move: they go through one Split or Gather where they may not through the slices.
            new JoinSlices(),
            new GathersToSlices(),

            // Behind the chains: a transpose behind another is one by now.
            new PushTransposes(),

            // Behind the no-ops, which need not be computed.
            new FoldConstants(),

            // Its condition may have become a constant just now.
            new InlineConstantIf(),

            // Initializers first: nodes with equal weights are equal only when the weights are one value.
            new ShareInitializers(),
            new ShareNodes(),

            // Last: the passes above leave behind what is unused.
            new RemoveDeadCode(),
        ]),

        // Raise: exporters' spellings become standard operators here, and only here. Again, since one formula can hold another.
        new(Phase.Raise, OptimizationLevel.Full, RaiseRounds,
        [
            // Conditions ask for types and shapes.
            new InferShapes(),

            // Exporters ask inner values for their sizes, which would keep them.
            new SizesFromInputs(),
            new RemoveDeadCode(),
            new RaiseNormalization(),
            new RaiseActivations(),
            new RaiseAttention(),
            new RaiseProducts(),
            new RaiseRearrangements(),

            // Behind both, since they surround what one made, and end before what the other made.
            new RaiseHeads(),

            // Heads taken apart anew for what one token needs no Transpose for.
            new CollapseChains(),

            // Masks that depend on no input are constants, and those that every layer made for itself are one.
            new FoldConstants(),
            new ShareInitializers(),
            new ShareNodes(),
            new RemoveDeadCode(),
        ]),

        // Fold: after Raise, so that a norm's scale is not swallowed by the MatMul behind it.
        new(Phase.Fold, OptimizationLevel.Full, FoldRounds,
        [
            // The graph of the last round is another one.
            new InferShapes(),
            new FoldPadding(),
            new FoldBatchNormalization(),

            // Behind BatchNormalization, which often stands before the others.
            new FoldScaleAndShift(),

            // Last: what stands between two weights goes into the first, as a shift can only go there.
            new FoldScaleBefore(),
        ]),

        // Plan: which node keeps its weights in which format. Where nothing is to be quantised, nothing happens.
        new(Phase.Plan, OptimizationLevel.Basic, 1,
        [
            // Behind folding: weights do not change any more.
            new InferShapes(),
            new EqualizeChannels(),
            new PlanFormats(),

            // The model is run as it is before kernels and precision change it; what changes activations comes before their ranges.
            new SmoothActivations(),
            new CalibrateActivations(),
            new PrepareErrorFeedback(),
        ]),
        new(Phase.Plan, OptimizationLevel.Full, 1,
        [
            // Behind raising: fused norms and attention compute in single precision inside.
            new PlanPrecision(),
        ]),
        new(Phase.Lower, OptimizationLevel.Full, 1,
        [
            // Before kernels are chosen, which differ by type.
            new ConvertPrecision(),
        ]),
        new(Phase.Lower, OptimizationLevel.Basic, 1,
        [
            // Before other kernels take the products away; first those whose neighbours are quantised with them.
            new QuantizeActivations(),
            new QuantizeWeights(),
        ]),

        // Lower: the kernels of those who will run the model. Operators that are ONNX Runtime's own appear only here.
        new(Phase.Lower, OptimizationLevel.Full, 1,
        [
            // Conditions ask for types and shapes.
            new InferShapes(),
            new SelectKernels(),

            // What no kernel covered.
            new ExpandOperators(),

            // What was expanded again and again has equal parts.
            new ShareInitializers(),
            new ShareNodes(),
            new RemoveDeadCode(),
        ]),

        // Export
        new(Phase.Export, OptimizationLevel.Basic, 1,
        [
            // Folding leaves constants behind, and makes equal ones.
            new RemoveDeadCode(),
            new ShareInitializers(),

            // The types decide how low the operator set can be.
            new InferShapes(),
        ]),
        new(Phase.Export, OptimizationLevel.None, 1,
        [
            // Nothing behind it adds operators. At every level, since the user may ask for an operator set.
            new LowerOpset(),
        ]),
        new(Phase.Export, OptimizationLevel.Basic, 1,
        [
            // Axes that were inputs may be attributes now.
            new RemoveDeadCode(),

            // Behind the last inference: callers see the types that the original declares, not better ones.
            new KeepInterface(),
        ]),
    ];

    /// <summary>The names of all passes, in order of their first run.</summary>
    public static ImmutableArray<string> PassNames { get; } = [.. Stages.SelectMany(s => s.Passes).Select(p => p.Name).Distinct()];

    /// <summary>The names of the rules inside passes, in order.</summary>
    public static ImmutableArray<string> RuleNames { get; } = [.. Stages.SelectMany(s => s.Passes).OfType<RulePass>().SelectMany(p => p.Rules).Select(r => r.Name).Distinct()];
}
