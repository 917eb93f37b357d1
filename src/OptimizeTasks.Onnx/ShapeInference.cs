using OptimizeTasks.Onnx.Shapes;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Works out the types and shapes of all values, symbolically: sizes are numbers, symbols or expressions of the symbols of the
/// graph's inputs. Small integer tensors are followed element by element, so that computed targets of <c>Reshape</c>,
/// <c>Expand</c>, <c>Slice</c> and others are known as far as they follow from shapes and constants.
/// </summary>
/// <remarks>
/// <para>What is found is put into <see cref="Value.Type"/>. It wins over what the file declares, except where it says nothing
/// or only gives a declared output size (a symbol of its own) another form. Operators that are not known keep the declared
/// types of their outputs. Nothing is ever rejected: a graph that contradicts itself keeps unknown sizes.</para>
/// <para>The formulas are those of the ONNX operator specification. They hold for every run that succeeds: a convolution's
/// output size is not guarded against inputs that the convolution would refuse.</para>
/// <para>The work is linear in the number of nodes, so that it can be repeated after every rewriting.</para>
/// </remarks>
public static class ShapeInference
{
    /// <summary>Infers the types of all values of the model's graph and its subgraphs.</summary>
    /// <exception cref="ModelFormatException">The file behind a small constant cannot be read.</exception>
    public static ShapeFacts Run(Model model) => Run(model.Graph, model.Opsets, initializersAreConstant: !model.InitializersAreOverridable);

    /// <summary>Infers the types of all values of the graph and its subgraphs. A domain that <paramref name="opsets"/> lacks counts as its newest version.</summary>
    /// <param name="graph">The main graph.</param>
    /// <param name="opsets">The version of each operator domain.</param>
    /// <param name="initializersAreConstant">Whether inputs with an initializer cannot be overridden, as in files before IR version 4, which had to list all initializers as inputs.</param>
    /// <exception cref="ModelFormatException">The file behind a small constant cannot be read.</exception>
    public static ShapeFacts Run(Graph graph, IEnumerable<KeyValuePair<string, long>> opsets, bool initializersAreConstant = false)
    {
        var inference = new GraphInference(opsets, initializersAreConstant);
        inference.InferMain(graph);
        return new ShapeFacts(inference);
    }
}
