using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Commands;

/// <summary>DEBUG PROTOCOL: a sample reply of each RESP type, for clients' tests.</summary>
internal static class DebugProtocol
{
    // DEBUG PROTOCOL <string | integer | double | null | array | set | map | attrib | push | verbatim | true | false | bignum>
    public static void Write(ArgumentReader read, ref ReplyWriter reply)
    {
        if (read.TryWord("string"u8)) reply.Bulk("Hello World"u8);
        else if (read.TryWord("integer"u8)) reply.Integer(12345);
        else if (read.TryWord("double"u8)) reply.Double(3.141);
        else if (read.TryWord("null"u8)) reply.Null();
        else if (read.TryWord("array"u8)) WriteNumbers(ref reply);
        else if (read.TryWord("set"u8)) WriteSet(ref reply);
        else if (read.TryWord("map"u8)) WriteMap(ref reply);
        else if (read.TryWord("attrib"u8)) WriteAttribute(ref reply);
        else if (read.TryWord("push"u8)) WritePush(ref reply);
        else if (read.TryWord("verbatim"u8)) reply.Verbatim("txt"u8, "This is a verbatim\nstring"u8);
        else if (read.TryWord("true"u8)) reply.Boolean(true);
        else if (read.TryWord("false"u8)) reply.Boolean(false);
        else if (read.TryWord("bignum"u8)) reply.BigNumber("1234567999999999999999999999999999999"u8);
        else reply.Error("ERR Wrong protocol type name. Please use one of the following: string|integer|double|null|array|set|map|attrib|push|verbatim|true|false"u8);
    }

    private static void WriteNumbers(ref ReplyWriter reply)
    {
        reply.Array(3);
        for (var i = 0; i < 3; i++) reply.Integer(i);
    }

    private static void WriteSet(ref ReplyWriter reply)
    {
        reply.Set(3);
        for (var i = 0; i < 3; i++) reply.Integer(i);
    }

    private static void WriteMap(ref ReplyWriter reply)
    {
        reply.Map(3);
        for (var i = 0; i < 3; i++)
        {
            reply.Integer(i);
            reply.Boolean(i == 1);
        }
    }

    private static void WriteAttribute(ref ReplyWriter reply)
    {
        if (reply.Resp3)
        {
            reply.Attribute(1);
            reply.Bulk("key-popularity"u8);
            reply.Array(2);
            reply.Bulk("key:123"u8);
            reply.Integer(90);
        }

        reply.Bulk("Some real reply following the attribute"u8);
    }

    private static void WritePush(ref ReplyWriter reply)
    {
        reply.Push(2);
        reply.Bulk("server-cpu-usage"u8);
        reply.Integer(42);
    }
}
