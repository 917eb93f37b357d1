namespace OptimizeTasks.Compiler.Searching;

/// <summary>A choice for every layer.</summary>
internal sealed class Assignment
{
    private readonly Dictionary<SearchLayer, SearchChoice> _choices;

    private Assignment(IEnumerable<KeyValuePair<SearchLayer, SearchChoice>> choices) => _choices = new(choices);

    /// <summary>The choices.</summary>
    public IReadOnlyDictionary<SearchLayer, SearchChoice> Choices => _choices;

    /// <summary>The relative L2 error that the choices cause together, if they are independent of each other.</summary>
    public double PredictedError => Math.Sqrt(_choices.Values.Sum(choice => choice.SquaredError));

    /// <summary>Every layer in the format in which it is fastest.</summary>
    public static Assignment Fastest(IEnumerable<SearchLayer> layers) =>
        new(layers.Select(layer => KeyValuePair.Create(layer, layer.Choices.MinBy(choice => (choice.Cost, choice.SquaredError))!)));

    /// <summary>Every layer in the format of one mode, where it was tried.</summary>
    public static Assignment Of(IEnumerable<SearchLayer> layers, QuantizationMode mode) =>
        new(layers.Select(layer => KeyValuePair.Create(layer, layer.Choices.Find(choice => choice.Mode == mode) ?? SearchChoice.Float)));

    /// <summary>
    /// The assignment with layers made more exact until the predicted error is within a bound: always the layer that loses
    /// least time for what it gains in exactness.
    /// </summary>
    public Assignment Within(double error)
    {
        var within = new Assignment(_choices);
        while (within.PredictedError > error && within.BestStep() is { } step)
            within._choices[step.Layer] = step.Choice;
        return within;
    }

    private (SearchLayer Layer, SearchChoice Choice)? BestStep()
    {
        (SearchLayer, SearchChoice)? best = null;
        double most = 0;
        foreach ((SearchLayer layer, SearchChoice now) in _choices)
        {
            foreach (SearchChoice other in layer.Choices)
            {
                double gain = (now.SquaredError - other.SquaredError) / Math.Max(other.Cost - now.Cost, 1e-9);
                if (other.SquaredError < now.SquaredError && gain > most)
                    (best, most) = ((layer, other), gain);
            }
        }

        return best;
    }
}
