using System.Text;
using OrleansKv.Engine.Journaling;

namespace OrleansKv.Engine.Tests.Journaling;

public sealed class JournalTests
{
    [Fact]
    public void TryRead_FromTheStart_GivesWholeRecordsInOrder()
    {
        using var journal = new Journal(startLsn: 1000);
        var first = journal.Append(7, "one"u8);
        var second = journal.Append(8, "second"u8);
        Assert.Equal(1000 + RecordHeader.Bytes + 3, first);
        var buffer = new byte[1000];
        Assert.Equal(JournalRead.Copied, journal.TryRead(1000, buffer, out var bytes));
        Assert.Equal(second - 1000, bytes);
        var records = JournaledPair.Records(buffer.AsMemory(0, bytes)).ToArray();
        Assert.Equal(new RecordHeader(first, 7, 3), RecordHeader.Read(records[0].Span));
        Assert.Equal(new RecordHeader(second, 8, 6), RecordHeader.Read(records[1].Span));
        Assert.Equal("second", Encoding.ASCII.GetString(records[1].Span[RecordHeader.Bytes..]));
        Assert.Equal(JournalRead.Nothing, journal.TryRead(second, buffer, out _));
    }

    [Fact]
    public void TryRead_SmallBuffer_GivesWhatFitsOrSaysWhatIsNeeded()
    {
        using var journal = new Journal();
        var first = journal.Append(1, new byte[10]);
        journal.Append(1, new byte[50]);
        var buffer = new byte[60];
        Assert.Equal(JournalRead.Copied, journal.TryRead(0, buffer, out var bytes));
        Assert.Equal(30, bytes);
        Assert.Equal(JournalRead.BufferTooSmall, journal.TryRead(first, buffer, out bytes));
        Assert.Equal(70, bytes);
    }

    [Fact]
    public void TryRead_PositionThatWasDroppedOrNeverWas_IsFallenOff()
    {
        using var journal = new Journal(limitBytes: 64 * 1024);
        for (var i = 0; i < 1000; i++) journal.Append(1, new byte[500]);
        var buffer = new byte[1024 * 1024];
        Assert.Equal(JournalRead.FallenOff, journal.TryRead(0, buffer, out _));
        Assert.Equal(JournalRead.FallenOff, journal.TryRead(journal.LastLsn + 1, buffer, out _));
        Assert.InRange(journal.LastLsn - journal.FirstLsn, 40 * 1024, 80 * 1024);
        long read = 0;
        for (var at = journal.FirstLsn; journal.TryRead(at, buffer, out var bytes) == JournalRead.Copied; at += bytes) read += bytes;
        Assert.Equal(journal.LastLsn - journal.FirstLsn, read);
    }

    [Fact]
    public void Append_RecordBiggerThanTheLimit_CanBeReadByWhoIsNext()
    {
        using var journal = new Journal(limitBytes: 16 * 1024);
        var small = journal.Append(1, new byte[10]);
        journal.Append(1, new byte[1_000_000]);
        journal.Append(1, new byte[10]);
        var buffer = new byte[1_100_000];
        Assert.Equal(JournalRead.Copied, journal.TryRead(small, buffer, out var bytes));
        Assert.Equal(1_000_020, bytes);
        Assert.Equal(JournalRead.Copied, journal.TryRead(small + bytes, buffer, out _));
    }

    [Fact]
    public void TryWait_NothingYet_IsWokenOnceByTheNextRecord()
    {
        using var journal = new Journal();
        var woken = 0;
        Assert.True(journal.TryWait(0, () => woken++));
        journal.Append(1, new byte[1]);
        journal.Append(1, new byte[1]);
        Assert.Equal(1, woken);
        Assert.False(journal.TryWait(0, () => woken++));
        Action wake = () => woken++;
        Assert.True(journal.TryWait(journal.LastLsn, wake));
        journal.StopWaiting(wake);
        journal.Append(1, new byte[1]);
        Assert.Equal(1, woken);
    }

    [Fact]
    public void Append_ByManyThreadsWithReaders_GivesEachReaderEveryRecordOrTellsItOff()
    {
        const int Writers = 3, Records = 20_000;
        using var journal = new Journal(limitBytes: 256 * 1024);
        var writers = Enumerable.Range(0, Writers).Select(number => new Thread(() =>
        {
            var payload = new byte[1 + (number * 40)];
            for (var i = 0; i < Records; i++)
            {
                payload.AsSpan().Fill((byte)i);
                journal.Append(i, payload);
            }
        })).ToArray();
        var isDone = false;
        long records = 0;
        var falls = 0;
        var reader = new Thread(() =>
        {
            var buffer = new byte[32 * 1024];
            for (long at = 0; !(Volatile.Read(ref isDone) && at == journal.LastLsn);)
            {
                var read = journal.TryRead(at, buffer, out var bytes);
                if (read == JournalRead.FallenOff)
                {
                    falls++;
                    at = journal.FirstLsn;
                }

                if (read != JournalRead.Copied) continue;
                foreach (var record in JournaledPair.Records(buffer.AsMemory(0, bytes)))
                {
                    var header = RecordHeader.Read(record.Span);
                    Assert.Equal(at, header.StartLsn);
                    Assert.Equal(-1, record.Span[RecordHeader.Bytes..].IndexOfAnyExcept((byte)header.NowMs));
                    at = header.Lsn;
                    records++;
                }
            }
        });
        reader.Start();
        foreach (var writer in writers) writer.Start();
        foreach (var writer in writers) writer.Join();
        Volatile.Write(ref isDone, true);
        reader.Join();
        if (falls == 0) Assert.Equal(Writers * Records, records);
    }
}
