using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Puts the files of a compiled model in the place of an earlier result. The process may be killed at any moment: a model
/// file names its data file, and two files cannot be renamed at once, so where both are replaced the new model refers to
/// its weights by a second name until they have the first.
/// </summary>
internal sealed class Publication(StagingFolder staging, CompiledFiles files)
{
    private const string Interim = "interim";

    private string ModelTarget => staging.DestinationOf(files.ModelName);

    private string DataTarget => staging.DestinationOf(files.DataName);

    /// <summary>Takes all steps.</summary>
    /// <returns>The paths of the published files.</returns>
    public IReadOnlyList<string> Run(CancellationToken cancellationToken)
    {
        string[] published = [.. files.Existing.Select(Target)];
        staging.Publish(Steps(), cancellationToken);
        return published;
    }

    /// <summary>After any number of these steps the model in the destination is the old one or the new one, with its own weights.</summary>
    public IEnumerable<Action> Steps()
    {
        string[] made = [.. files.Existing];
        string[] obsolete = SecondNames();
        if (!files.HasData)
        {
            obsolete = [.. obsolete, DataTarget];
        }
        else if (File.Exists(DataTarget))
        {
            string second = FreeSecondName(obsolete);
            obsolete = [.. obsolete, second];
            yield return () => HardLink.TryCreate(second, files.DataPath);
            // Without links, as on a memory stick, the old model has the new weights for a moment.
            if (File.Exists(second))
                yield return () => Writing.Guarded(ModelTarget, () => PublishReferring(second));
        }

        // In this order: what refers to a file comes behind it.
        foreach (string path in made)
            yield return () => Writing.Guarded(Target(path), () => File.Move(path, Target(path), overwrite: true));
        foreach (string path in obsolete)
            yield return () => Writing.Guarded(path, () => File.Delete(path));
    }

    private void PublishReferring(string dataPath)
    {
        string interim = staging.PathOf(Interim);
        ModelWriter.WriteReferring(files.ModelPath, interim, Path.GetFileName(dataPath));
        File.Move(interim, ModelTarget, overwrite: true);
    }

    private string Target(string path) => staging.DestinationOf(Path.GetFileName(path));

    /// <summary>The second names of earlier runs that were killed; the model may refer to one of them.</summary>
    private string[] SecondNames() => Directory.GetFiles(Path.GetDirectoryName(DataTarget)!, SecondName("*"));

    private string FreeSecondName(string[] taken) =>
        Enumerable.Range(1, taken.Length + 1).Select(n => staging.DestinationOf(SecondName(n.ToString(CultureInfo.InvariantCulture)))).First(path => !taken.Contains(path, StringComparer.Ordinal));

    /// <summary>For instance <c>x.onnx.next1.data</c>.</summary>
    private string SecondName(string number) => $"{files.ModelName}.next{number}{Path.GetExtension(files.DataName)}";
}
