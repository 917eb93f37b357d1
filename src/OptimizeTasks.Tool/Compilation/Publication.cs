using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Puts the files of a compiled model in the place of an earlier result. The process may be killed at any moment, and no two
/// files can be renamed at once. So the new model and its data first stand beside the old ones under second names, and the
/// manifest, which names the model that belongs to it, leads to them until they have their own.
/// </summary>
/// <param name="staging">Where the files are, and where they go.</param>
/// <param name="files">The files.</param>
/// <param name="manifest">What is in the manifest; null reads it from the file.</param>
internal sealed class Publication(StagingFolder staging, CompiledFiles files, CompiledModel? manifest = null)
{
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

    /// <summary>
    /// After any number of these steps the manifest in the destination and the model that it names are the old ones or the
    /// new ones, with their own weights; and so is the model of the name that users know.
    /// </summary>
    public IEnumerable<Action> Steps()
    {
        string[] made = [.. files.Existing];
        var obsolete = new List<string>(SecondNames());
        if (!files.HasData)
            obsolete.Add(DataTarget);
        if (File.Exists(ModelTarget))
        {
            string second = FreeSecondName(obsolete), secondData = CompiledFiles.DataPathOf(second);
            obsolete.AddRange([second, secondData]);
            foreach (Action step in StepsAside(second, secondData))
                yield return step;
        }

        // In this order: what refers to a file comes behind it.
        foreach (string path in made)
            yield return () => Writing.Guarded(Target(path), () => File.Move(path, Target(path), overwrite: true));
        foreach (string path in obsolete)
            yield return () => Writing.Guarded(path, () => File.Delete(path));
    }

    /// <summary>The way to the new files under second names. Without links, as on a memory stick, there is none.</summary>
    private IEnumerable<Action> StepsAside(string second, string secondData)
    {
        string interimModel = staging.PathOf("interim.onnx"), interimManifest = staging.PathOf("interim.json");
        // What needs room comes before anything appears in the destination.
        yield return () => Writing.Guarded(ModelTarget, () =>
        {
            WriteManifest(interimManifest, Path.GetFileName(second), Path.GetFileName(secondData));
            if (files.HasData)
                ModelWriter.WriteReferring(files.ModelPath, interimModel, Path.GetFileName(secondData));
        });
        if (files.HasData)
            yield return () => HardLink.TryCreate(secondData, files.DataPath);
        yield return () => HardLink.TryCreate(second, files.HasData ? interimModel : files.ModelPath);
        if (!File.Exists(second) || (files.HasData && !File.Exists(secondData)))
            yield break;
        yield return () => Writing.Guarded(Target(files.ManifestPath), () => File.Move(interimManifest, Target(files.ManifestPath), overwrite: true));
        // For who asks for the model itself: its data is replaced next.
        if (files.HasData)
            yield return () => Writing.Guarded(ModelTarget, () => File.Move(interimModel, ModelTarget, overwrite: true));
    }

    /// <summary>Writes the manifest with other names for the model and its data.</summary>
    private void WriteManifest(string path, string model, string data)
    {
        CompiledModel compiled = manifest ?? CompiledModel.ReadFile(files.ManifestPath);
        ImmutableArray<Variant> variants = [.. compiled.Variants.Select(v => v with { File = NameOf(v.File), DataFiles = [.. v.DataFiles.Select(NameOf)] })];
        File.WriteAllText(path, (compiled with { Variants = variants }).ToJson());

        string NameOf(string name) => name == files.ModelName ? model : name == files.DataName ? data : name;
    }

    private string Target(string path) => staging.DestinationOf(Path.GetFileName(path));

    /// <summary>The second names of earlier runs that were killed; the manifest may lead to them.</summary>
    private string[] SecondNames() => Directory.GetFiles(Path.GetDirectoryName(ModelTarget)!, SecondName("*"));

    private string FreeSecondName(List<string> taken) =>
        Enumerable.Range(1, taken.Count + 1).Select(n => staging.DestinationOf(SecondName(n.ToString(CultureInfo.InvariantCulture))))
            .First(path => !taken.Contains(path) && !taken.Contains(CompiledFiles.DataPathOf(path)));

    /// <summary>For instance <c>x.onnx.next1</c>, and <c>x.onnx.next1.data</c> for its data.</summary>
    private string SecondName(string number) => $"{files.ModelName}.next{number}";
}
