using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Replication;

namespace OrleansKv.Grains.Tests.Replication;

/// <summary>Items that are too long for a message, from one silo to the other.</summary>
public sealed class ItemPartsTests
{
    private const string Primary = "primary";
    private const string Replica = "replica";
    private const int Parts = 4;

    private readonly byte[] _bytes = new byte[((Parts - 1) * OutgoingParts.PartBytes) + 1];
    private readonly OutgoingParts _outgoing = new();
    private readonly FakeReplica _replica = new();
    private readonly List<ReplicaCall> _calls = [];

    public ItemPartsTests() => new Random(1).NextBytes(_bytes);

    [Fact]
    public async Task Send_ArrivesWhole_AsTheItemThatItWas()
    {
        await SendAsync(Request(number: 1));

        var item = Assert.Single(Assert.Single(_calls).Items);
        Assert.True(_bytes.AsSpan().SequenceEqual(item.Bytes));
        Assert.Equal((byte)PiecePosition.Whole, item.Position);
        Assert.Equal(7, item.Lsn);
        Assert.Equal(Parts, _replica.Taken);
    }

    [Fact]
    public async Task Send_WhatIsUnderWay_IsNotSentAgainAndItsNumberCounts()
    {
        _replica.OnPart = () => SendAsync(Request(number: 2));

        await SendAsync(Request(number: 1));

        Assert.Equal(2, Assert.Single(_calls).Number);
        Assert.Equal(Parts, _replica.Taken);
    }

    [Fact]
    public async Task Send_AfterAPartWasLost_GoesOnWhereItWas()
    {
        _replica.OnPart = () => _replica.Taken == 3 ? throw new TimeoutException() : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => SendAsync(Request(number: 1)));
        _replica.OnPart = null;
        var before = _replica.Taken;

        await SendAsync(Request(number: 2));

        Assert.True(_bytes.AsSpan().SequenceEqual(Assert.Single(_calls).Items[0].Bytes));
        // The first part again, which is answered with where the next one begins.
        Assert.Equal(3, _replica.Taken - before);
    }

    [Fact]
    public async Task Send_OfALaterSession_TakesThePlaceOfTheEarlier()
    {
        _replica.OnPart = () =>
        {
            _replica.OnPart = null;
            return SendAsync(Request(number: 2) with { Session = 2 });
        };

        await SendAsync(Request(number: 1));

        Assert.Equal(2, Assert.Single(_calls).Session);
        Assert.Equal(-1, _replica.Parts.Take(new(Primary, Session: 1, Sequence: 5, TotalBytes: 1, Offset: 0, new byte[1])));
    }

    [Fact]
    public void Complete_WherePartsAreMissing_LeavesTheItemOut()
    {
        var call = ReplicaWire.ToCall(Request(number: 1));

        Assert.Empty(_replica.Parts.Complete(call).Items);
        _replica.Parts.Take(new(Primary, 1, 5, 2, 0, new byte[1]));
        Assert.Empty(_replica.Parts.Complete(call).Items);
        _replica.Parts.Take(new(Primary, 1, 5, 2, 1, new byte[1]));
        Assert.Single(_replica.Parts.Complete(call).Items);

        _replica.Parts.Forget(Primary, new(1, 1, NextSequence: 5, 1, 0, true));
        Assert.Single(_replica.Parts.Complete(call).Items);
        _replica.Parts.Forget(Primary, new(1, 1, NextSequence: 6, 1, 0, true));
        Assert.Empty(_replica.Parts.Complete(call).Items);
    }

    [Fact]
    public void ToCall_AnItemThatIsTooLongBehindOthers_EndsTheCall()
    {
        var request = Request(number: 1) with { Items = [StreamItem.Record(6, new byte[1]), StreamItem.Record(7, _bytes)] };

        Assert.Equal(6, Assert.Single(ReplicaWire.ToCall(request).Items).Lsn);
    }

    private ReplicateRequest Request(long number) =>
        new(Primary, MapVersion: 1, Session: 1, Sequence: 5, number, SentMs: number, [StreamItem.Record(7, _bytes)]);

    private Task SendAsync(ReplicateRequest request) => _outgoing.SendAsync(Replica, _replica, request, latest =>
    {
        _calls.Add(_replica.Parts.Complete(ReplicaWire.ToCall(latest)));
        return Task.CompletedTask;
    });

    private sealed class FakeReplica : IReplicaGrain
    {
        public IncomingParts Parts { get; } = new();

        public int Taken { get; private set; }

        public Func<Task>? OnPart { get; set; }

        public Task<ReplicaAnswer> ReplicateAsync(ReplicaCall call) => throw new NotSupportedException();

        public async Task<int> TakePartAsync(ReplicaPart part)
        {
            Assert.InRange(part.Bytes.Length, 1, OutgoingParts.PartBytes);
            Taken++;
            if (OnPart is { } act) await act();
            return Parts.Take(part);
        }
    }
}
