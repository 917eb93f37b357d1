// Fills artifacts/feed with stand-ins for the ONNX Runtime packages, where the configured sources do not carry them.
// Usage: dotnet run --file PrepareFeed.cs -- ARTIFACTS [--webgpu] [--cuda]
// Why it exists, and what is in the packages: docs/dependencies.md.

#:property PublishAot=false
#:property TargetFramework=net10.0

using System.Diagnostics;
using OptimizeTasks.Build.Npm;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run --file PrepareFeed.cs -- ARTIFACTS [--webgpu] [--cuda]");
    return 2;
}

try
{
    new Feed(Path.GetFullPath(args[0])).Prepare(args.Contains("--webgpu"), args.Contains("--cuda"));
    return 0;
}
catch (FeedException e)
{
    Console.Error.WriteLine($"PrepareFeed.cs : error {e.Code}: {e.Message}");
    return 1;
}
catch (NpmException e)
{
    Console.Error.WriteLine($"PrepareFeed.cs : error FEED0{(int)e.Failure}: {e.Message} "
        + "ONNX Runtime comes from npm where no package source has it: a source that has Microsoft.ML.OnnxRuntime will do as well.");
    return 1;
}

internal sealed class FeedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

internal sealed class Feed
{
    private const string Version = "1.29.0";
    private const string WebGpuVersion = "1.30.0";

    private static readonly NpmPackage CpuSource = new("com.github.asus4.onnxruntime", "0.4.9",
        "BkzxduSZ9IkeDP6Q8lz2TFU2ie7hSSvS7ZIfzMooExoq0CNzJnuuGaUJ7IsojBgqO4ouD1jXah8OYyJbCN29Fg==");

    private static readonly NpmPackage CudaSource = new("com.github.asus4.onnxruntime.linux-x64-gpu", "0.4.9",
        "FopIhNE/Ng+v2X65wVc9clPCBCvhvA53Hxo2U0Kf5fGdVsC7iCA+mZ0KLWggcQAj7TIZ6pNidR4AC10g74Xo6w==");

    private static readonly NpmPackage WebGpuSource = new("onnxruntime-node", WebGpuVersion,
        "twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==");

    private readonly string _feed;
    private readonly string _work;
    private readonly string _projects;

    public Feed(string artifacts)
    {
        _feed = Path.Combine(artifacts, "feed");
        _work = Path.Combine(artifacts, "feed-work");
        _projects = Path.GetDirectoryName(SourcePath())!;
    }

    private string StandInMarker => Path.Combine(_feed, "standin.txt");

    private string OfficialMarker => Path.Combine(_feed, "official.txt");

    public void Prepare(bool webGpu, bool cuda)
    {
        using FileStream ours = FolderLock.Take(_feed);
        if (!File.Exists(StandInMarker) && !File.Exists(OfficialMarker))
            PrepareCpu();
        if (webGpu && !Packed("OptimizeTasks.OnnxRuntime.WebGpu", WebGpuVersion))
            PrepareWebGpu();
        if (cuda && !File.Exists(OfficialMarker) && !Packed("Microsoft.ML.OnnxRuntime.Gpu.Linux", Version))
            PrepareCuda();
    }

    private void PrepareCpu()
    {
        if (OfficialPackagesRestore())
        {
            File.WriteAllText(OfficialMarker, $"Microsoft.ML.OnnxRuntime {Version} restores from the configured sources.\n");
            return;
        }

        Say($"no configured package source has Microsoft.ML.OnnxRuntime {Version}: making it from the npm registry, once");
        InWorkFolder(folder =>
        {
            string source = CpuSource.Unpack(folder, "package/Runtime/", "package/Plugins/Linux/", "package/Plugins/Windows/",
                "package/Plugins/macOS/", "package/LICENSE", "package/ThirdPartyNotices.txt");
            Pack("Managed/Microsoft.ML.OnnxRuntime.csproj", folder, ("SourceFolder", source));
            PackNative("Microsoft.ML.OnnxRuntime", Version, source, folder,
                ("Plugins/Linux/x64", "linux-x64"), ("Plugins/Windows/x64", "win-x64"),
                ("Plugins/Windows/arm64", "win-arm64"), ("Plugins/macOS/arm64", "osx-arm64"));
        });
        File.WriteAllText(StandInMarker, $"The packages here are stand-ins, made from {CpuSource.Name}@{CpuSource.Version}.\n");
        Say("done");
    }

    private void PrepareWebGpu() => InWorkFolder(folder =>
    {
        string source = WebGpuSource.Unpack(folder, "package/bin/napi-v6/linux/", "package/README.md");
        // The package has no licence file of its own; ONNX Runtime's licence is the one in the CPU package.
        string cpu = CpuSource.Unpack(folder, "package/LICENSE", "package/ThirdPartyNotices.txt");
        foreach (string file in new[] { "LICENSE", "ThirdPartyNotices.txt" })
            File.Copy(Path.Combine(cpu, file), Path.Combine(source, file));
        foreach (string library in Directory.GetFiles(source, "libonnxruntime.so.1", SearchOption.AllDirectories))
            File.Move(library, Path.ChangeExtension(library, null));
        PackNative("OptimizeTasks.OnnxRuntime.WebGpu", WebGpuVersion, source, folder,
            ("bin/napi-v6/linux/x64", "linux-x64"), ("bin/napi-v6/linux/arm64", "linux-arm64"));
    });

    private void PrepareCuda() => InWorkFolder(folder =>
    {
        string cpu = CpuSource.Unpack(folder, "package/Plugins/Linux/x64/", "package/LICENSE", "package/ThirdPartyNotices.txt");
        string source = CudaSource.Unpack(folder, "package/");
        string libraries = Path.Combine(cpu, "Plugins/Linux/x64");
        foreach (string library in Directory.GetFiles(source, "*.so", SearchOption.AllDirectories))
            File.Copy(library, Path.Combine(libraries, Path.GetFileName(library)), overwrite: true);
        PackNative("Microsoft.ML.OnnxRuntime.Gpu.Linux", Version, cpu, folder, ("Plugins/Linux/x64", "linux-x64"));
    });

    private bool Packed(string id, string version) => File.Exists(Path.Combine(_feed, $"{id}.{version}.nupkg"));

    /// <summary>Runs the work in a folder that starts empty, so that an attempt that was cut off leaves nothing behind.</summary>
    private void InWorkFolder(Action<string> work)
    {
        Delete(_work);
        Directory.CreateDirectory(_work);
        work(_work);
        Delete(_work);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private bool OfficialPackagesRestore()
    {
        string output = Path.Combine(Path.GetDirectoryName(_feed)!, "feed-probe");
        (int code, _) = Run("dotnet", ["restore", Path.Combine(_projects, "Probe/Probe.csproj"), $"-p:OnnxRuntimeVersion={Version}",
            $"-p:BaseIntermediateOutputPath={output}/", $"-p:RestorePackagesPath={output}/packages"], _projects);
        Delete(output);
        return code == 0;
    }

    private void PackNative(string id, string version, string source, string folder, params (string From, string Rid)[] libraries)
    {
        string content = Path.Combine(folder, "content-" + id);
        foreach ((string from, string rid) in libraries)
        {
            string target = Path.Combine(content, "runtimes", rid, "native");
            Directory.CreateDirectory(target);
            foreach (string file in Directory.GetFiles(Path.Combine(source, from)))
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        foreach (string file in new[] { "LICENSE", "ThirdPartyNotices.txt" })
            File.Copy(Path.Combine(source, file), Path.Combine(content, file));
        Pack("Native/Native.csproj", folder, ("ContentFolder", content), ("NativePackageId", id), ("NativePackageVersion", version));
    }

    private void Pack(string project, string folder, params (string Name, string Value)[] properties)
    {
        string work = Path.Combine(folder, "pack-" + Path.GetRandomFileName());
        string packed = Path.Combine(work, "packed");
        string[] arguments =
        [
            "pack", Path.Combine(_projects, project), "-c", "Release", "-o", packed, "--nologo", "-v", "quiet",
            $"-p:OnnxRuntimeVersion={Version}", $"-p:BaseIntermediateOutputPath={work}/obj/", $"-p:BaseOutputPath={work}/bin/",
            $"-p:RestoreAdditionalProjectSources={_feed}", $"-p:RestorePackagesPath={work}/packages",
            .. properties.Select(p => $"-p:{p.Name}={p.Value}"),
        ];
        (int code, string output) = Run("dotnet", arguments, _projects);
        if (code != 0)
            throw new FeedException("FEED05", $"{project} could not be packed: {output}");
        foreach (string package in Directory.GetFiles(packed, "*.nupkg"))
            File.Move(package, Path.Combine(_feed, Path.GetFileName(package)), overwrite: true);
    }

    private static (int Code, string Output) Run(string program, string[] arguments, string folder)
    {
        if (program == "dotnet" && Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host)
            program = host;
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A build server that outlives us would keep the files of the work folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static void Say(string text) => Console.WriteLine("ONNX Runtime feed: " + text);

    private static string SourcePath([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}
