using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>The ways in which SET, GETEX and EXPIRE's family are told when a key expires.</summary>
internal enum ExpireForm : byte
{
    None,

    /// <summary>EX: seconds from now.</summary>
    Seconds,

    /// <summary>PX: milliseconds from now.</summary>
    Milliseconds,

    /// <summary>EXAT: seconds since the Unix epoch.</summary>
    AtSeconds,

    /// <summary>PXAT: milliseconds since the Unix epoch.</summary>
    AtMilliseconds,
}

/// <summary>The options that stand behind the key (and value) of SET and GETEX.</summary>
internal struct StringOptions
{
    // Where the expire time is among the arguments.
    private int _expireIndex;

    /// <summary>NX.</summary>
    public bool IfMissing { get; private set; }

    /// <summary>XX.</summary>
    public bool IfThere { get; private set; }

    /// <summary>GET: reply what the key held.</summary>
    public bool ReturnsOld { get; private set; }

    /// <summary>KEEPTTL.</summary>
    public bool KeepsExpire { get; private set; }

    /// <summary>PERSIST.</summary>
    public bool Persists { get; private set; }

    /// <summary>How the expire time is given.</summary>
    public ExpireForm Form { get; private set; }

    /// <summary>Reads the options of SET.</summary>
    public static StringOptions OfSet(ref ArgumentReader reader)
    {
        var options = new StringOptions();
        while (reader.HasMore)
        {
            if (!options.IfThere && reader.TryWord("NX"u8)) options.IfMissing = true;
            else if (!options.IfMissing && reader.TryWord("XX"u8)) options.IfThere = true;
            else if (reader.TryWord("GET"u8)) options.ReturnsOld = true;
            else if (options.Form == ExpireForm.None && reader.TryWord("KEEPTTL"u8)) options.KeepsExpire = true;
            else options.TakeExpire(ref reader);
        }

        return options;
    }

    /// <summary>Reads the options of GETEX.</summary>
    public static StringOptions OfGetEx(ref ArgumentReader reader)
    {
        var options = new StringOptions();
        while (reader.HasMore)
        {
            if (options.Form == ExpireForm.None && reader.TryWord("PERSIST"u8)) options.Persists = true;
            else options.TakeExpire(ref reader);
        }

        return options;
    }

    /// <summary>
    /// When the key expires, in milliseconds since the Unix epoch; -1 where no option says. False after an error was written.
    /// </summary>
    public readonly bool TryExpireAt(CommandContext context, ref ReplyWriter reply, out long atMs)
    {
        atMs = -1;
        return Form == ExpireForm.None || TryExpireAt(context, context.Args[_expireIndex], Form, ref reply, out atMs);
    }

    /// <summary>Reads an expire time, which must be positive.</summary>
    public static bool TryExpireAt(CommandContext context, ReadOnlySpan<byte> text, ExpireForm form, ref ReplyWriter reply, out long atMs)
    {
        if (!NumberText.TryParseInteger(text, out atMs))
        {
            reply.Error(ErrorText.NotInteger);
            return false;
        }

        var inSeconds = form is ExpireForm.Seconds or ExpireForm.AtSeconds;
        var isValid = atMs > 0 && (!inSeconds || atMs <= long.MaxValue / 1000);
        if (inSeconds) atMs = unchecked(atMs * 1000);
        if (form is ExpireForm.Seconds or ExpireForm.Milliseconds) atMs = unchecked(atMs + context.NowMs);
        if (isValid && atMs > 0) return true;
        reply.Error(ErrorText.InvalidExpire(context.Row.FullName));
        return false;
    }

    private void TakeExpire(ref ArgumentReader reader)
    {
        var form = reader.TryWord("EX"u8) ? ExpireForm.Seconds
            : reader.TryWord("PX"u8) ? ExpireForm.Milliseconds
            : reader.TryWord("EXAT"u8) ? ExpireForm.AtSeconds
            : reader.TryWord("PXAT"u8) ? ExpireForm.AtMilliseconds
            : ExpireForm.None;

        // The same form again counts anew, as in Redis.
        if (form == ExpireForm.None || (Form != ExpireForm.None && Form != form) || KeepsExpire || Persists) reader.Fail(ErrorText.Syntax);
        Form = form;
        _expireIndex = reader.Position;
        reader.Next();
    }
}
