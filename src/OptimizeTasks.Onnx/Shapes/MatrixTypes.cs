namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Products of matrices.</summary>
internal static class MatrixTypes
{
    private const string Ellipsis = "...";

    public static void Register(OperatorTable table)
    {
        table.Add(node => node.Set(0, node.TypeOf(0), Product(node.ShapeOf(0), node.ShapeOf(1))), "MatMul");
        table.Add(node => node.Set(0, ElementType.Int32, Product(node.ShapeOf(0), node.ShapeOf(1))), "MatMulInteger");
        table.Add(node => node.Set(0, node.TypeOf(7), Product(node.ShapeOf(0), node.ShapeOf(3))), "QLinearMatMul");
        table.Add(Gemm, "Gemm");
        table.Add(Einsum, "Einsum");
        table.Add(Determinant, "Det");
    }

    /// <summary>The shape of numpy's <c>matmul</c>: matrices in the last two dimensions, the others broadcast; a vector counts as a matrix on its side.</summary>
    public static Shape? Product(Shape? a, Shape? b)
    {
        if (a is null || b is null || a.Rank == 0 || b.Rank == 0)
            return null;
        var sizes = new List<Dimension>();
        if (Broadcasting.Of(Batch(a), Batch(b)) is { } batch)
            sizes.AddRange(batch);
        if (a.Rank > 1)
            sizes.Add(a[^2]);
        if (b.Rank > 1)
            sizes.Add(b[^1]);
        return new Shape(sizes);
    }

    /// <summary>The shape with its last two dimensions exchanged.</summary>
    public static Shape? Transposed(Shape? shape)
    {
        if (shape is not { Rank: >= 2 })
            return shape;
        Dimension[] sizes = [.. shape];
        (sizes[^1], sizes[^2]) = (sizes[^2], sizes[^1]);
        return new Shape(sizes);
    }

    public static void Gemm(NodeInference node)
    {
        Shape? a = node.Node.IntAttribute("transA") == 0 ? node.ShapeOf(0) : Transposed(node.ShapeOf(0));
        Shape? b = node.Node.IntAttribute("transB") == 0 ? node.ShapeOf(1) : Transposed(node.ShapeOf(1));
        node.Set(0, node.TypeOf(0), a is { Rank: 2 } && b is { Rank: 2 } ? new Shape(a[0], b[1]) : null);
    }

    private static Shape Batch(Shape shape) => new(shape.Take(Math.Max(0, shape.Rank - 2)));

    private static void Determinant(NodeInference node) =>
        node.Set(0, node.TypeOf(0), node.ShapeOf(0) is { Rank: >= 2 } shape ? Batch(shape) : null);

    /// <summary>Letters name dimensions, <c>...</c> those that are left; without an arrow the result has these, then the letters that occur once, in alphabetical order.</summary>
    private static void Einsum(NodeInference node)
    {
        string equation = node.Node.StringAttribute("equation").Replace(" ", "", StringComparison.Ordinal);
        node.Set(0, node.TypeOf(0), EinsumShape(node, equation));
    }

    private static Shape? EinsumShape(NodeInference node, string equation)
    {
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != node.Node.Inputs.Count)
            return null;
        var sizes = new SortedDictionary<char, Dimension>();
        Shape? rest = Shape.Scalar;
        for (int i = 0; i < terms.Length; i++)
        {
            string[] letters = terms[i].Split(Ellipsis);
            int named = letters.Sum(l => l.Length);
            if (node.ShapeOf(i) is not { } shape || letters.Length > 2 || named > shape.Rank || (letters.Length == 1 && named < shape.Rank))
                return null;
            rest = Broadcasting.Of(rest, new Shape(shape.Skip(letters[0].Length).Take(shape.Rank - named)));
            foreach ((char letter, Dimension size) in letters[0].Zip(shape).Concat(letters[^1].Reverse().Zip(shape.Reverse())))
                sizes[letter] = sizes.TryGetValue(letter, out Dimension? other) ? Dimension.Broadcast(other, size) : size;
        }

        string result = sides.Length == 2 ? sides[1] : Ellipsis + string.Concat(sizes.Keys.Where(letter => sides[0].Count(c => c == letter) == 1));
        string[] parts = result.Split(Ellipsis);
        return parts.Length <= 2 && parts.All(p => p.All(sizes.ContainsKey))
            ? new Shape(parts[0].Select(letter => sizes[letter]).Concat(parts.Length == 2 ? rest! : []).Concat(parts.Skip(1).SelectMany(p => p).Select(letter => sizes[letter])))
            : null;
    }
}
