using OptimizeTasks.Compiler.Lowering;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Lowering;

public class JoinedColumnsTests
{
    [Fact]
    public void Rows_stand_side_by_side()
    {
        Tensor joined = JoinedColumns.Of(Matrix(2, 1, 0), Matrix(2, 2, 10));

        Assert.Equal([2L, 3], joined.Dimensions.ToArray());
        Assert.Equal([0f, 10, 11, 1, 12, 13], joined.Read<float>().ToArray());
    }

    [Fact]
    public void A_part_is_read_by_the_pieces_that_have_it()
    {
        Tensor joined = JoinedColumns.Of(Matrix(3000, 64, 0), Matrix(3000, 128, 1000));
        var data = (ComputedData)joined.Data;
        byte[] whole = data.ReadAll().ToArray();
        Assert.True(data.Computation.PieceCount > 2);

        foreach ((int offset, int length) in new[] { (0, 4), (5, 1_100_000), (whole.Length - 7, 7), (1 << 20, 1 << 20) })
        {
            var part = new byte[length];
            data.Read(offset, part);
            Assert.Equal(whole[offset..(offset + length)], part);
            (int first, int end) = data.Computation.PiecesOf(0, offset, length);
            Assert.InRange(end - first, 1, 1 + ((length + (1 << 20)) >> 20));
        }
    }

    [Fact]
    public void Equal_parts_in_the_same_order_are_equal()
    {
        Tensor a = Matrix(2, 1, 0), b = Matrix(2, 2, 10);

        Assert.Equal(JoinedColumns.Of(a, b).Data, JoinedColumns.Of(a, b).Data);
        Assert.NotEqual(JoinedColumns.Of(a, b).Data, JoinedColumns.Of(b, a).Data);
    }

    private static Tensor Matrix(int rows, int columns, int first) =>
        Tensor.Create<float>(ElementType.Float, [rows, columns], [.. Enumerable.Range(first, rows * columns).Select(i => (float)i)]);
}
