using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Tests;

public sealed class ChecksumTests : IDisposable
{
    private const int Block = 128 << 10;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_byte_counts_where_it_stands()
    {
        foreach (int length in new[] { 1, 63, 64, 65, 200, Block - 1, Block, Block + 1, (3 * Block) + 77 })
        {
            var bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            string before = Of(bytes);
            Assert.Equal(before, Of(bytes));
            foreach (int place in new[] { 0, length / 2, length - 1 })
            {
                bytes[place] ^= 0x80;
                Assert.NotEqual(before, Of(bytes));
                bytes[place] ^= 0x80;
            }
        }
    }

    [Fact]
    public void Zeros_and_empty_files_differ_in_length()
    {
        string[] checksums = [.. new[] { 0, 1, 63, 64, 65, 128, Block, Block + 1, 2 * Block }.Select(length => Of(new byte[length]))];

        Assert.Equal(checksums.Length, checksums.Distinct().Count());
    }

    [Fact]
    public void Rows_that_change_places_are_seen()
    {
        byte[] one = [.. Enumerable.Repeat((byte)1, 64)], two = [.. Enumerable.Repeat((byte)2, 64)];

        Assert.NotEqual(Of([.. one, .. two]), Of([.. two, .. one]));
    }

    [Fact]
    public void It_depends_on_where_files_end()
    {
        File.WriteAllText(_folder["a"], "one");
        File.WriteAllText(_folder["b"], "two");
        File.WriteAllText(_folder["c"], "onet");
        File.WriteAllText(_folder["d"], "wo");

        Assert.NotEqual(Checksum.Of([_folder["a"], _folder["b"]], default), Checksum.Of([_folder["c"], _folder["d"]], default));
    }

    private string Of(byte[] bytes)
    {
        File.WriteAllBytes(_folder["file"], bytes);
        return Checksum.Of([_folder["file"]], CancellationToken.None);
    }
}
