using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Puts the files of a compiled model in the place of an earlier result. The process may be killed at any moment, and no two
/// files can be renamed at once. So the new models and their data first stand beside the old ones under second names, and the
/// manifest, which names the models that belong to it, leads to them until they have their own.
/// </summary>
/// <param name="staging">Where the files are, and where they go.</param>
/// <param name="files">The files.</param>
/// <param name="manifest">What is in the manifest; null reads it from the file.</param>
/// <param name="sources">The files that the model was read from, which stay.</param>
internal sealed class Publication(StagingFolder staging, CompiledFiles files, CompiledModel? manifest = null, IReadOnlyList<string>? sources = null)
{
    private string ModelTarget => Target(files.ModelPath);

    private string DataTarget => Target(files.DataPath);

    /// <summary>Takes all steps.</summary>
    /// <returns>The paths of the published files.</returns>
    public IReadOnlyList<string> Run(CancellationToken cancellationToken)
    {
        string[] published = [.. files.Existing.Select(Target)];
        staging.Publish(Steps(), cancellationToken);
        return published;
    }

    /// <summary>
    /// After any number of these steps the manifest in the destination and the models that it names are the old ones or the
    /// new ones, with their own weights; and so is the model of the name that users know.
    /// </summary>
    public IEnumerable<Action> Steps()
    {
        string[] made = [.. files.Existing];
        var earlier = new EarlierFiles(ModelTarget, [.. files.ModelPaths.Select(Target)]);
        string[] stale = [.. earlier.Variants().Except(made.Select(Target)).Except(sources ?? [])];
        var obsolete = new List<string>([.. earlier.SecondNames(), .. stale]);
        if (!files.HasData)
            obsolete.Add(DataTarget);
        if (File.Exists(ModelTarget))
        {
            string number = FreeNumber(obsolete);
            Interim[] models = [.. files.ExistingModels.Select(path => new Interim(path, SecondName(path, number), files.HasData ? staging.PathOf($"interim.{Path.GetFileName(path)}") : path))];
            string secondData = CompiledFiles.DataPathOf(SecondName(files.ModelPath, number));
            obsolete.AddRange([.. models.Select(m => m.Second), secondData]);
            foreach (Action step in StepsAside(models, secondData, stale))
                yield return step;
        }

        // In this order: what refers to a file comes behind it.
        foreach (string path in made)
            yield return () => Writing.Guarded(Target(path), () => File.Move(path, Target(path), overwrite: true));
        foreach (string path in obsolete)
            yield return () => Writing.Guarded(path, () => File.Delete(path));
    }

    /// <summary>The way to the new files under second names. Without links, as on a memory stick, there is none.</summary>
    private IEnumerable<Action> StepsAside(Interim[] models, string secondData, string[] stale)
    {
        string interimManifest = staging.PathOf("interim.json");
        // What needs room comes before anything appears in the destination.
        yield return () => Writing.Guarded(ModelTarget, () =>
        {
            WriteManifest(interimManifest, models, Path.GetFileName(secondData));
            foreach (Interim model in files.HasData ? models : [])
                ModelWriter.WriteReferring(model.Made, model.Path, Path.GetFileName(secondData));
        });
        if (files.HasData)
            yield return () => HardLink.TryCreate(secondData, files.DataPath);
        foreach (Interim model in models)
            yield return () => HardLink.TryCreate(model.Second, model.Path);
        if (!models.All(m => File.Exists(m.Second)) || (files.HasData && !File.Exists(secondData)))
            yield break;
        yield return () => Writing.Guarded(Target(files.ManifestPath), () => File.Move(interimManifest, Target(files.ManifestPath), overwrite: true));
        // Their data is replaced next.
        foreach (string path in stale)
            yield return () => Writing.Guarded(path, () => File.Delete(path));
        // For who asks for a model itself: so is its data.
        foreach (Interim model in files.HasData ? models : [])
            yield return () => Writing.Guarded(Target(model.Made), () => File.Move(model.Path, Target(model.Made), overwrite: true));
    }

    /// <summary>Writes the manifest with other names for the models and their data.</summary>
    private void WriteManifest(string path, Interim[] models, string data)
    {
        CompiledModel compiled = manifest ?? CompiledModel.ReadFile(files.ManifestPath);
        ImmutableArray<Variant> variants = [.. compiled.Variants.Select(v => v with { File = NameOf(v.File), DataFiles = [.. v.DataFiles.Select(NameOf)] })];
        File.WriteAllText(path, (compiled with { Variants = variants }).ToJson());

        string NameOf(string name) => name == files.DataName ? data : Array.Find(models, m => Path.GetFileName(m.Made) == name) is { } model ? Path.GetFileName(model.Second) : name;
    }

    private string Target(string path) => staging.DestinationOf(Path.GetFileName(path));

    /// <summary>A number with which no second name is taken.</summary>
    private string FreeNumber(List<string> taken) =>
        Enumerable.Range(1, taken.Count + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))
            .First(number => !files.ModelPaths.Select(path => SecondName(path, number)).Any(second => taken.Contains(second) || taken.Contains(CompiledFiles.DataPathOf(second))));

    private string SecondName(string path, string number) => EarlierFiles.SecondName(Target(path), number);

    /// <summary>A model on its way.</summary>
    /// <param name="Made">The file that was made.</param>
    /// <param name="Second">The second name in the destination.</param>
    /// <param name="Path">What gets the second name: the same, with the second name of the data in it.</param>
    private sealed record Interim(string Made, string Second, string Path);
}
