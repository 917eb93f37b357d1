using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Finds the pass that changed what a model computes.</summary>
/// <param name="history">The passes.</param>
/// <param name="agrees">Whether the model in a file still computes the same.</param>
/// <param name="time">What is left of the time.</param>
internal sealed class PassSearch(PassHistory history, Func<string, bool> agrees, VerificationTime time)
{
    /// <summary>
    /// The pass after which the model differs while before it it does not, by halving; null where the model differs before
    /// the first pass, or not even after the last, or the time is over.
    /// </summary>
    public string? FirstDifferent()
    {
        int same = 0, different = history.Passes.Count;
        if (time.IsOver || !Agrees(same) || Agrees(different) || time.IsOver)
            return null;
        while (different - same > 1)
        {
            int middle = (same + different) / 2;
            if (Agrees(middle))
                same = middle;
            else
                different = middle;
            if (time.IsOver)
                return null;
        }

        return history.Passes[different - 1];
    }

    private bool Agrees(int passes)
    {
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-search-").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            using (Model model = history.ModelAfter(passes))
                ModelWriter.Write(model, path);
            return agrees(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
