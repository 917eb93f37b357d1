namespace OptimizeTasks.Manifest.Tests;

public class InputContractTests
{
    [Theory]
    [InlineData(InputContract.RightPadded, ElementType.Int64, 2, true)]
    [InlineData(InputContract.RightPadded, ElementType.Bool, 2, true)]
    [InlineData(InputContract.RightPadded, ElementType.Float, 2, true)]
    [InlineData(InputContract.RightPadded, ElementType.Int64, 3, false)]
    [InlineData(InputContract.RightPadded, ElementType.Double, 2, false)]
    [InlineData(InputContract.Consecutive, ElementType.Int64, 2, true)]
    [InlineData(InputContract.Consecutive, ElementType.Int32, 1, true)]
    [InlineData(InputContract.Consecutive, ElementType.Bool, 2, false)]
    [InlineData(InputContract.Consecutive, ElementType.Int64, 0, false)]
    [InlineData("left-padded", ElementType.Int64, 2, false)]
    public void A_promise_suits_some_types(string promise, ElementType type, int rank, bool suits)
    {
        var tensor = new TensorSignature { ElementType = type, Dimensions = [.. Enumerable.Repeat(DimensionSignature.Of("n"), rank)] };

        Assert.Equal(suits, InputContract.CanBeOf(promise, tensor));
        Assert.False(InputContract.CanBeOf(promise, new SequenceSignature { Element = tensor }));
        Assert.False(InputContract.CanBeOf(promise, new TensorSignature { ElementType = type }));
    }

    [Fact]
    public void The_past_is_the_first_input_of_that_name_and_rank()
    {
        ValueSignature[] inputs =
        [
            Input("past_mask", ElementType.Int64, 4), Input("past_key_values.0.encoder.key", ElementType.Float, 4), Input("past_scale", ElementType.Float, 1),
            Input("past_key_values.0.decoder.key", ElementType.Float16, 4), Input("cache", ElementType.Float, 5),
        ];

        Assert.Equal(new PastLength(3, 2), PastLength.Find(inputs));
        Assert.Equal(new PastLength(0, 3), PastLength.Find(inputs[4..]));
        Assert.Null(PastLength.Find(inputs[..3]));
    }

    private static ValueSignature Input(string name, ElementType type, int rank) =>
        new() { Name = name, Type = new TensorSignature { ElementType = type, Dimensions = [.. Enumerable.Repeat(DimensionSignature.Of("n"), rank)] } };
}
