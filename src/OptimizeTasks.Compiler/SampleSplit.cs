namespace OptimizeTasks.Compiler;

/// <summary>
/// Parts samples into those that a model is calibrated on and those that it is measured on, which calibration must not
/// have seen. Every fifth is for measuring: data are often sorted, and nobody needs to know how many there are.
/// </summary>
public static class SampleSplit
{
    private const int Share = 5;

    /// <summary>Four of five samples.</summary>
    public static ISampleSource Calibration(ISampleSource samples) => new Part(samples, isHeldOut: false);

    /// <summary>Every fifth sample; all of them where there are fewer than five.</summary>
    public static ISampleSource HeldOut(ISampleSource samples) => new Part(samples, isHeldOut: true);

    private sealed class Part(ISampleSource samples, bool isHeldOut) : ISampleSource
    {
        public string Description => samples.Description + (isHeldOut ? ", every fifth" : ", four of five");

        public bool IsSynthetic => samples.IsSynthetic;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken)
        {
            int number = 0;
            foreach (Sample sample in samples.Read(cancellationToken))
            {
                if ((number++ % Share == Share - 1) == isHeldOut)
                    yield return sample;
            }

            if (!isHeldOut || number >= Share)
                yield break;
            foreach (Sample sample in samples.Read(cancellationToken))
                yield return sample;
        }
    }
}
