using System.Buffers.Text;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>WATCH of clients elsewhere.</summary>
internal sealed partial class GrainLane
{
    private bool TryWatchWord(ArgumentList args, ref ReplyWriter writer)
    {
        if (_watches == null || args.Count < 3 || !args[0].StartsWith("kv."u8)) return false;
        if (!Utf8Parser.TryParse(args[2], out long id, out _)) return false;
        var gateway = Encoding.UTF8.GetString(args[1]);
        if (args[0].SequenceEqual(BatchWords.Watch)) Watch(gateway, id, args, ref writer);
        else if (args[0].SequenceEqual(BatchWords.Exec)) ExecuteWatched(gateway, id, ref writer);
        else if (args[0].SequenceEqual(BatchWords.Unwatch)) Unwatch(gateway, id, ref writer);
        else return false;
        return true;
    }

    private void Watch(string gateway, long id, ArgumentList args, ref ReplyWriter writer)
    {
        var keys = new byte[args.Count - 3][];
        for (var i = 0; i < keys.Length; i++) keys[i] = args[i + 3].ToArray();
        Worker.Release();
        if (!_isRefused && _watches!.Add(gateway, id, _session.Database, keys, Worker.NowMs)) writer.Ok();
        else RefuseAsForeign(ref writer);
    }

    private void ExecuteWatched(string gateway, long id, ref ReplyWriter writer)
    {
        Worker.Release();
        var watch = _watches!.Take(gateway, id);
        if (_queue == null) writer.Error("ERR EXEC without MULTI"u8);
        else if (watch == null) writer.NullArray();
        else ExecuteQueue(_queue, watch, ref writer);
        CloseTransaction();
        watch?.End(_store);
    }

    private void Unwatch(string gateway, long id, ref ReplyWriter writer)
    {
        Worker.Release();
        _watches!.Remove(gateway, id);
        writer.Ok();
    }
}
