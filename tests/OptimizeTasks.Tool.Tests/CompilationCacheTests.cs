using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Tests;

public sealed class CompilationCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Diagnostic> _diagnostics = [];

    public static TheoryData<string, string> Options => new()
    {
        { MetadataNames.Optimization, "Basic" },
        { MetadataNames.Opset, "17" },
        { MetadataNames.Dimensions, "batch=2" },
        { MetadataNames.DisabledPasses, "RemoveNoOps" },
        { MetadataNames.Tolerance, "0.5" },
        { MetadataNames.Providers, "Cuda;Cpu" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_not_used_for_longest_goes_first()
    {
        CompilationCache cache = Open(megabytes: 2);
        Store(cache, 'a', 900_000);
        Store(cache, 'b', 900_000);
        Age('a', TimeSpan.FromHours(3));
        Age('b', TimeSpan.FromHours(2));
        Assert.NotNull(Restore(cache, 'a'));

        Store(cache, 'c', 900_000);

        Assert.Equal(["a", "c"], cache.List().Select(e => e.Entry.Key[..1]).Order(StringComparer.Ordinal));
        Assert.Empty(_diagnostics);
    }

    [Fact]
    public void What_nobody_used_for_long_goes()
    {
        CompilationCache cache = Open(megabytes: 100);
        Store(cache, 'a', 10);
        Age('a', TimeSpan.FromDays(31));
        Store(cache, 'b', 10);

        Assert.Equal("b", Assert.Single(cache.List()).Entry.Key[..1]);
    }

    [Fact]
    public void What_is_larger_than_the_cache_is_not_kept()
    {
        CompilationCache cache = Open(megabytes: 1);
        Store(cache, 'a', 10);
        Store(cache, 'b', 1_000_001);

        Assert.Equal("a", Assert.Single(cache.List()).Entry.Key[..1]);
    }

    [Fact]
    public void A_file_that_nobody_expects_is_not_restored()
    {
        CompilationCache cache = Open(megabytes: 1);
        Store(cache, 'a', 10);

        Assert.Null(cache.Restore(Key('a'), _ => null, CancellationToken.None));
        Assert.Empty(cache.List());
    }

    [Theory]
    [InlineData("m.onnx")]
    [InlineData("entry.json")]
    public void A_damaged_entry_is_not_restored_and_goes(string file)
    {
        CompilationCache cache = Open(megabytes: 1);
        Action<string>[] damages =
        [
            path => { byte[] bytes = File.ReadAllBytes(path); bytes[bytes.Length / 2] ^= 0x10; File.WriteAllBytes(path, bytes); },
            path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]),
            path => File.AppendAllText(path, "1"),
            path => File.WriteAllText(path, ""),
            File.Delete,
        ];
        foreach (Action<string> damage in damages)
        {
            Store(cache, 'a', 1000);
            Assert.NotNull(Restore(cache, 'a'));
            damage(Path.Combine(_folder["cache"], Key('a'), file));

            Assert.Null(Restore(cache, 'a'));
            Assert.False(Directory.Exists(Path.Combine(_folder["cache"], Key('a'))));
        }

        Assert.Empty(_diagnostics);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_of_the_compiler_makes_another_key(string name, string value)
    {
        ItemSettings settings = ItemMetadata.Find(name)!.Apply(value, new ItemSettings());

        Assert.NotEqual(CacheKey.Of("hash", "m.onnx", new ItemSettings(), true), CacheKey.Of("hash", "m.onnx", settings, true));
        Assert.Equal(CacheKey.Of("hash", "m.onnx", settings, true), CacheKey.Of("hash", "m.onnx", ItemMetadata.Find(name)!.Apply(value, new ItemSettings()), true));
    }

    [Fact]
    public void The_class_makes_no_other_key()
    {
        var settings = new ItemSettings { ClassName = "A", Namespace = "B", IsPublic = false, GenerateSource = false, TargetPath = "x/y.onnx" };

        Assert.Equal(CacheKey.Of("hash", "m.onnx", new ItemSettings(), true), CacheKey.Of("hash", "m.onnx", settings, true));
        // What decides is whether the result is verified, not who said so.
        Assert.Equal(CacheKey.Of("hash", "m.onnx", settings, true), CacheKey.Of("hash", "m.onnx", settings with { Verify = true }, true));
    }

    [Fact]
    public void The_hash_depends_on_where_files_end()
    {
        File.WriteAllText(_folder["a"], "one");
        File.WriteAllText(_folder["b"], "two");
        File.WriteAllText(_folder["c"], "onet");
        File.WriteAllText(_folder["d"], "wo");

        Assert.NotEqual(ContentHash.Of([_folder["a"], _folder["b"]], default), ContentHash.Of([_folder["c"], _folder["d"]], default));
    }

    [Fact]
    public void The_hash_sees_every_part_of_a_large_file()
    {
        var bytes = new byte[(40 << 20) + 5];
        File.WriteAllBytes(_folder["large"], bytes);
        string before = ContentHash.Of([_folder["large"]], default);
        foreach (int place in new[] { 0, 17 << 20, bytes.Length - 1 })
        {
            bytes[place] ^= 1;
            File.WriteAllBytes(_folder["large"], bytes);
            Assert.NotEqual(before, ContentHash.Of([_folder["large"]], default));
            bytes[place] ^= 1;
        }
    }

    [Fact]
    public async Task A_lock_is_held_by_one_at_a_time()
    {
        int inside = 0, entered = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 25; i++)
            {
                using (FileLock.Acquire(_folder["x.lock"]))
                {
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    entered++;
                    Interlocked.Decrement(ref inside);
                }
            }
        })));

        Assert.Equal(200, entered);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Waiting_for_a_lock_can_be_cancelled()
    {
        using FileLock held = FileLock.Acquire(_folder["x.lock"]);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        bool waited = false;

        Assert.Throws<OperationCanceledException>(() => FileLock.Acquire(_folder["x.lock"], () => waited = true, cancel.Token));
        Assert.True(waited);
    }

    private static string Key(char name) => new(name, 64);

    private static CompilationReport Report() => new()
    {
        Model = "m.onnx",
        Output = "m.onnx",
        Tool = "0",
        Before = new ModelSize(1, 1, ImmutableSortedDictionary<string, int>.Empty),
        After = new ModelSize(1, 1, ImmutableSortedDictionary<string, int>.Empty),
        Passes = [],
        Warnings = [],
        Seconds = 0,
    };

    private CompilationCache Open(int megabytes) =>
        new(CacheSettings.Of(name => name switch { CacheSettings.PathVariable => _folder["cache"], CacheSettings.MegabytesVariable => $"{megabytes}", _ => null }), _diagnostics.Add);

    private void Store(CompilationCache cache, char name, int bytes)
    {
        File.WriteAllBytes(_folder["m.onnx"], new byte[bytes]);
        Directory.CreateDirectory(_folder["cache"]);
        cache.Store(new CacheEntry { Key = Key(name), Model = "m.onnx", Files = [], Diagnostics = [], Report = Report() }, [_folder["m.onnx"]], CancellationToken.None);
    }

    private CacheEntry? Restore(CompilationCache cache, char name) => cache.Restore(Key(name), file => _folder["restored-" + file], CancellationToken.None);

    private void Age(char name, TimeSpan age) => File.SetLastWriteTimeUtc(Path.Combine(_folder["cache"], Key(name), "entry.json"), DateTime.UtcNow - age);
}
