using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Takes sizes that a graph asks of its inner values, such as the number of keys of an attention's scores, from the model's
/// inputs instead, each by one node: nothing then depends on the inner value any more, and rules may replace it.
/// </summary>
internal sealed class SizesFromInputs : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => context.Facts is { } facts && graph.First is { } first ? new Sources(graph, first, facts).ReplaceInner() : 0;

    private sealed class Sources(Graph graph, Node first, ShapeFacts facts)
    {
        private readonly Dictionary<string, (Value Input, int Axis)> _symbols = FindSymbols(graph);
        private readonly Dictionary<Dimension, Value> _sizes = [];

        public int ReplaceInner()
        {
            int changes = 0;
            var inner = new HashSet<Value>();
            foreach (Node node in graph.Nodes)
            {
                // All sizes of an input at once are asked for to pick from.
                bool asks = node.Is("Shape") ? !(node.Inputs[0]!.IsInput && node.Output.Shape is { Rank: 1 } one && one[0].Equals(Dimension.Of(1))) : node.Inputs.Any(i => i is not null && inner.Contains(i));
                if (!asks || node.Outputs is not [{ ElementType: ElementType.Int64 } output])
                    continue;
                if (!output.IsOutput && facts.ValueOf(output) is [{ IsConstant: false, IsKnown: true } size] && output.Shape is { Rank: <= 1 } shape && Size(size) is { } source)
                {
                    graph.Replace(output, shape.Rank == 1 ? source : Apply("Squeeze", [source], output.Type));
                    changes++;
                }
                else
                {
                    inner.Add(output);
                }
            }

            return changes;
        }

        /// <summary>The size as a list of one, a sum of sizes of inputs and a number; null where it is no such sum.</summary>
        private Value? Size(Dimension size)
        {
            if (_sizes.TryGetValue(size, out Value? known))
                return known;
            if (!size.Symbols.All(_symbols.ContainsKey))
                return null;
            Dimension rest = size.Symbols.Aggregate(size, (sum, symbol) => sum - Dimension.OfSymbol(symbol));
            if (!rest.TryGetValue(out long number))
                return null;
            Value? total = null;
            foreach (string symbol in size.Symbols)
                total = Plus(total, OfInput(symbol));
            return _sizes[size] = number == 0 ? total! : Plus(total, graph.AddInitializer("size", Tensor.OfInt64(number)));
        }

        private Value OfInput(string symbol)
        {
            Dimension size = Dimension.OfSymbol(symbol);
            if (_sizes.TryGetValue(size, out Value? known))
                return known;
            (Value input, int axis) = _symbols[symbol];
            return _sizes[size] = Apply("Shape", [input], new TensorType(ElementType.Int64, Shape.Of(1)), new IntAttribute("start", axis), new IntAttribute("end", axis + 1));
        }

        private Value Plus(Value? sum, Value size) => sum is null ? size : Apply("Add", [sum, size], size.Type);

        /// <summary>A node before all others.</summary>
        private Value Apply(string opType, Value[] inputs, OnnxType? type, params NodeAttribute[] attributes)
        {
            Value value = graph.Apply(opType, inputs, "size", attributes, before: first);
            value.Type = type;
            facts.Update(value.Producer!);
            return value;
        }

        private static Dictionary<string, (Value Input, int Axis)> FindSymbols(Graph graph)
        {
            var symbols = new Dictionary<string, (Value Input, int Axis)>(StringComparer.Ordinal);
            foreach (Value input in graph.Inputs)
            {
                for (int axis = 0; axis < (input.Shape?.Rank ?? 0); axis++)
                {
                    if (input.Shape![axis].Symbol is { } symbol)
                        symbols.TryAdd(symbol, (input, axis));
                }
            }

            return symbols;
        }
    }
}
