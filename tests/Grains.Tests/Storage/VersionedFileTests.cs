using System.Text;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Grains.Tests.Storage;

public sealed class VersionedFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly VersionedFile _file;

    public VersionedFileTests() => _file = Open();

    private string Folder => Path.Combine(_directory.Path, "file");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Read_NothingWritten_IsVersionZero() => Assert.Equal(0, _file.Read().Version);

    [Fact]
    public void TryReplace_OfTheCurrentVersion_IsReadByAnother()
    {
        Assert.True(_file.TryReplace(0, "one"u8));
        Assert.True(Open().TryReplace(1, "two"u8));

        Assert.Equal((2, "two"), Content());
    }

    [Fact]
    public void TryReplace_OfAnyOtherVersion_DoesNothing()
    {
        _file.TryReplace(0, "one"u8);
        _file.TryReplace(1, "two"u8);

        Assert.False(_file.TryReplace(0, "other"u8));
        Assert.False(_file.TryReplace(1, "other"u8));
        Assert.False(_file.TryReplace(3, "other"u8));

        Assert.Equal((2, "two"), Content());
    }

    [Fact]
    public void TryReplace_ManyTimes_KeepsAFewVersions()
    {
        for (int version = 0; version < 10; version++)
            Assert.True(_file.TryReplace(version, [(byte)version]));

        Assert.Equal(["10.data", "9.data"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Read_BesideWhatCrashesLeave_IsTheCurrentVersion()
    {
        _file.TryReplace(0, "one"u8);
        _file.TryReplace(1, "two"u8);
        File.WriteAllText(Path.Combine(Folder, "3.data.0123.tmp"), "half");

        Assert.Equal((2, "two"), Content());
        Assert.True(_file.TryReplace(2, "three"u8));
    }

    [Fact]
    public void TryReplace_LongAfterACrash_RemovesWhatItLeft()
    {
        _file.TryReplace(0, "one"u8);
        string left = Path.Combine(Folder, "2.data.0123.tmp");
        File.WriteAllText(left, "half");
        File.SetLastWriteTimeUtc(left, File.GetLastWriteTimeUtc(left).AddHours(-1));

        _file.TryReplace(1, "two"u8);

        Assert.False(File.Exists(left));
    }

    /// <summary>By a process that was stopped between looking and creating, for the time that several versions took.</summary>
    [Fact]
    public void Version_CreatedAgainLongAfter_IsNotTheCurrentOneAndGoes()
    {
        for (int version = 0; version < 10; version++)
            _file.TryReplace(version, [(byte)version]);
        string late = Path.Combine(Folder, "4.data");
        File.WriteAllText(late, "late");

        Assert.Equal(10, _file.Read().Version);
        Assert.True(_file.TryReplace(10, "next"u8));
        Assert.False(File.Exists(late));
    }

    [Fact]
    public void TryReplace_ByManyAtOnce_LosesNothing()
    {
        const int Writers = 6, Changes = 60;
        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, _ =>
        {
            VersionedFile file = Open(keep: 64);
            for (int change = 0; change < Changes;)
            {
                (long version, byte[] content) = file.Read();
                Assert.Equal(version, content.Length);
                if (file.TryReplace(version, [.. content, 1]))
                    change++;
            }
        });

        Assert.Equal(Writers * Changes, _file.Read().Version);
    }

    private (long Version, string Content) Content()
    {
        (long version, byte[] content) = _file.Read();
        return (version, Encoding.UTF8.GetString(content));
    }

    private VersionedFile Open(int keep = 2) => new(Folder, ".data", keep);
}
