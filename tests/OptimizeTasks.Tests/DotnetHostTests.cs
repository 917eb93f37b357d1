using OptimizeTasks.Processes;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tests;

public sealed class DotnetHostTests : IDisposable
{
    private static readonly string s_name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];

    [Fact]
    public void The_host_of_the_build_comes_first()
    {
        _variables["DOTNET_HOST_PATH"] = Create("host");
        _variables["DOTNET_ROOT"] = Path.GetDirectoryName(Create("root"))!;
        _variables["PATH"] = Path.GetDirectoryName(Create("path"))!;

        Assert.Equal(_folder["host/" + s_name], Find());
    }

    [Fact]
    public void The_root_comes_before_the_path()
    {
        _variables["DOTNET_HOST_PATH"] = _folder["absent"];
        _variables["DOTNET_ROOT"] = Path.GetDirectoryName(Create("root"))!;
        _variables["PATH"] = Path.GetDirectoryName(Create("path"))!;

        Assert.Equal(_folder["root/" + s_name], Find());
    }

    [Fact]
    public void The_path_is_searched_in_order()
    {
        _variables["PATH"] = string.Join(Path.PathSeparator, _folder["absent"], Path.GetDirectoryName(Create("first")), Path.GetDirectoryName(Create("second")));

        Assert.Equal(_folder["first/" + s_name], Find());
    }

    [Fact]
    public void There_may_be_none() => Assert.Null(Find());

    public void Dispose() => _folder.Dispose();

    private string? Find() => DotnetHost.Find(name => _variables.GetValueOrDefault(name));

    private string Create(string folder)
    {
        string path = _folder[folder + "/" + s_name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return Path.GetFullPath(path);
    }
}
