using System.Collections.Immutable;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>Puts a Pad of the spatial axes into the Conv or the pooling behind it.</summary>
internal sealed class FoldPadding : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Domain.Length == 0 && node.OpType is "Conv" or "AveragePool" or "MaxPool" && TryFold(node))
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryFold(Node node)
    {
        if (node.Input(0)?.Producer is not { } pad || !pad.Is("Pad") || pad.StringAttribute("mode", "constant") != "constant" || pad.Input(3) is not null
            || node.StringAttribute("auto_pad", "NOTSET") is not ("NOTSET" or "VALID") || !PadsLikeItself(node, pad)
            || pad.Input(1).Integers() is not { } pads || Spatial(pads) is not { } spatial)
            return false;

        ImmutableArray<long> own = node.StringAttribute("auto_pad", "NOTSET") == "VALID" ? [] : node.IntsAttribute("pads") ?? [];
        if (!own.IsEmpty && own.Length != spatial.Length)
            return false;
        if (node.OpType == "AveragePool")
        {
            // Padding counted as elements is what a Pad makes of it; the pool's own would have to be counted as well.
            if (own.Any(p => p != 0) && node.IntAttribute("count_include_pad") == 0)
                return false;
            if (node.IntAttribute("ceil_mode") != 0 || !FitsKernel(node, spatial, own))
                return false;
            node.SetAttribute(new IntAttribute("count_include_pad", 1));
        }
        else if (node.OpType == "MaxPool" && (node.IntAttribute("ceil_mode") != 0 || !FitsKernel(node, spatial, own) || HasIndices(node)))
        {
            return false;
        }

        node.RemoveAttribute("auto_pad");
        node.SetAttribute(new IntsAttribute("pads", [.. spatial.Select((p, i) => p + (own.IsEmpty ? 0 : own[i]))]));
        node.SetInput(0, pad.Inputs[0]);
        return true;
    }

    /// <summary>Whether the Pad's value is what the node itself would put around its input.</summary>
    private static bool PadsLikeItself(Node node, Node pad) => node.OpType == "MaxPool"
        ? pad.Input(2).IsAll(double.NegativeInfinity)
        : pad.Input(2) is null || pad.Input(2).IsAll(0);

    /// <summary>The pads without those of the first two axes, which must be 0; null where there are others, or negative ones.</summary>
    private static ImmutableArray<long>? Spatial(ImmutableArray<long> pads)
    {
        int rank = pads.Length / 2;
        if (rank < 3 || pads.Any(p => p < 0) || pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0)
            return null;
        return [.. pads[2..rank], .. pads[(rank + 2)..]];
    }

    /// <summary>Whether positions are given: they count the padding before the node, and not its own.</summary>
    private static bool HasIndices(Node node) => node.Outputs.Skip(1).Any(o => o is { IsUnused: false });

    /// <summary>Whether every window has an element that is no padding: runtimes refuse others.</summary>
    private static bool FitsKernel(Node node, ImmutableArray<long> spatial, ImmutableArray<long> own) =>
        node.IntsAttribute("kernel_shape") is { } kernel && kernel.Length * 2 == spatial.Length
        && spatial.Select((p, i) => p + (own.IsEmpty ? 0 : own[i]) < kernel[i % kernel.Length]).All(fits => fits);
}
