using System.Diagnostics;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

public sealed class IoLoopTests
{
    public static TheoryData<TransportBackend> Backends => TestServer.Backends;

    [Theory, MemberData(nameof(Backends))]
    public void Post_FromManyThreads_RunsEverythingOnTheLoopInEachThreadsOrder(TransportBackend backend)
    {
        const int Threads = 4;
        const int PostsPerThread = 20_000;
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];
        int[] next = new int[Threads];
        int wrong = 0;

        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int i = 0; i < PostsPerThread; i++)
            {
                int expected = i;
                loop.Post(() => wrong += loop.IsCurrent && next[thread]++ == expected ? 0 : 1);
            }
        });

        Assert.Equal(Threads * PostsPerThread, TestServer.OnLoop(loop, next.Sum));
        Assert.Equal(0, wrong);
        Assert.False(loop.IsCurrent);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Post_ToASleepingLoop_WakesItEveryTime(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];

        for (int i = 0; i < 5000; i++)
            Assert.Equal(i, TestServer.OnLoop(loop, () => i));
    }

    [Theory, MemberData(nameof(Backends))]
    public void Post_FromTheLoopItself_RunsInALaterTurn(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];
        using var done = new ManualResetEventSlim();
        bool ranInside = false;

        loop.Post(() =>
        {
            bool inside = true;
            loop.Post(() =>
            {
                ranInside = inside;
                done.Set();
            });
            inside = false;
        });

        Assert.True(done.Wait(TimeSpan.FromSeconds(20)));
        Assert.False(ranInside);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Post_ThatThrows_IsReportedAndTheLoopGoesOn(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];

        loop.Post(() => throw new InvalidOperationException("posted"));

        Assert.Equal(1, TestServer.OnLoop(loop, () => 1));
        Assert.Equal("posted", Assert.Single(server.Errors).Message);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Schedule_SeveralTimers_RunInOrderAndNeverEarly(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];
        int[] delaysMs = [40, 5, 0, 20, 5];
        var ran = new List<int>();
        bool early = false;

        loop.Post(() =>
        {
            for (int i = 0; i < delaysMs.Length; i++)
            {
                int timer = i;
                long scheduled = Stopwatch.GetTimestamp();
                loop.Schedule(delaysMs[i], () =>
                {
                    early |= Stopwatch.GetElapsedTime(scheduled).TotalMilliseconds < delaysMs[timer];
                    ran.Add(timer);
                });
            }
        });

        TestServer.WaitUntil(() => TestServer.OnLoop(loop, () => ran.Count) == delaysMs.Length);
        Assert.Equal([2, 1, 4, 3, 0], ran);
        Assert.False(early);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Cancel_OfAPendingTimer_KeepsItFromRunning(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];
        bool cancelledRan = false;
        bool laterRan = false;

        LoopTimer cancelled = TestServer.OnLoop(loop, () =>
        {
            LoopTimer first = loop.Schedule(10, () => cancelledRan = true);
            loop.Schedule(30, () => laterRan = true);
            first.Cancel();
            first.Cancel();
            return first;
        });

        TestServer.WaitUntil(() => TestServer.OnLoop(loop, () => laterRan));
        Assert.False(cancelledRan);
        Assert.False(cancelled.IsPending);
    }

    [Fact]
    public void Schedule_OffTheLoop_IsRefused()
    {
        using var server = new TestServer(TransportBackend.Sockets, 1, _ => null);

        Assert.Throws<InvalidOperationException>(() => server.Transport.Loops[0].Schedule(1, () => { }));
    }

    [Theory, MemberData(nameof(Backends))]
    public void NowMs_AfterAWait_HasAdvanced(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        IoLoop loop = server.Transport.Loops[0];
        long start = TestServer.OnLoop(loop, () => loop.NowMs);

        TestServer.WaitUntil(() => TestServer.OnLoop(loop, () => loop.NowMs) >= start + 3);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Post_AfterDispose_IsDropped(TransportBackend backend)
    {
        var server = new TestServer(backend, 2, _ => null);
        server.Dispose();

        server.Transport.Loops[1].Post(() => throw new InvalidOperationException("never"));

        Assert.Empty(server.Errors);
    }

    [Fact]
    public void TimerQueue_RandomAddsAndCancels_BehavesLikeASortedList()
    {
        const int Seed = 42;
        var random = new Random(Seed);
        var queue = new TimerQueue();
        var expected = new List<LoopTimer>();
        for (int round = 0; round < 20_000; round++)
        {
            if (expected.Count == 0 || random.Next(3) > 0)
                expected.Add(queue.Add(random.Next(1000), () => { }));
            else if (random.Next(2) == 0)
                Cancel(random.Next(expected.Count));
            else
                TakeFirst();
            Assert.Equal(expected.Count, queue.Count);
        }
        while (expected.Count > 0)
            TakeFirst();
        Assert.Equal(-1, queue.WaitMs(0));

        void Cancel(int index)
        {
            expected[index].Cancel();
            expected.RemoveAt(index);
        }

        void TakeFirst()
        {
            LoopTimer first = expected.MinBy(timer => (timer.DueMs, timer.Sequence))!;
            Assert.Equal((int)first.DueMs, queue.WaitMs(0));
            Assert.Same(first, queue.TakeDue(first.DueMs, long.MaxValue));
            expected.Remove(first);
        }
    }
}
