using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Commands;

/// <summary>Publish and subscribe: channels, patterns, and the channels of a shard.</summary>
internal static class PubSubCommands
{
    private const CommandFlags Subscribing = CommandFlags.PubSub | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale;
    private const CommandFlags Publishing =
        CommandFlags.PubSub | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast | CommandFlags.MayReplicate;
    private const CommandFlags Looking = CommandFlags.PubSub | CommandFlags.Loading | CommandFlags.Stale;

    public static IEnumerable<CommandRow> Rows =>
    [
        Topic("subscribe", -2, "SUBSCRIBE channel [channel ...]", "Listens for messages published to channels.",
            "O(N) where N is the number of channels to subscribe to.", Subscribe),
        Topic("unsubscribe", -1, "UNSUBSCRIBE [channel [channel ...]]", "Stops listening to messages posted to channels.",
            "O(N) where N is the number of clients already subscribed to a channel.", Unsubscribe),
        Topic("psubscribe", -2, "PSUBSCRIBE pattern [pattern ...]", "Listens for messages published to channels that match one or more patterns.",
            "O(N) where N is the number of patterns the client is already subscribed to.", PSubscribe),
        Topic("punsubscribe", -1, "PUNSUBSCRIBE [pattern [pattern ...]]", "Stops listening to messages published to channels that match one or more patterns.",
            "O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).", PUnsubscribe),
        Topic("ssubscribe", -2, "SSUBSCRIBE shardchannel [shardchannel ...]", "Listens for messages published to shard channels.",
            "O(N) where N is the number of shard channels to subscribe to.", SSubscribe) with
        {
            Keys = [KeySpec.Range(1, -1, 1, "NOT_KEY")], Since = "7.0.0",
        },
        Topic("sunsubscribe", -1, "SUNSUBSCRIBE [shardchannel [shardchannel ...]]", "Stops listening to messages posted to shard channels.",
            "O(N) where N is the number of clients already subscribed to a shard channel.", SUnsubscribe) with
        {
            Keys = [KeySpec.Range(1, -1, 1, "NOT_KEY")], Since = "7.0.0",
        },
        new("publish", 3, Publishing, AclCategories.None, CommandScope.Gateway, Publish)
        {
            Group = "pubsub", Since = "2.0.0", Syntax = "PUBLISH channel message", Summary = "Posts a message to a channel.",
            Complexity = "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
        },
        new("spublish", 3, Publishing, AclCategories.None, CommandScope.Gateway, SPublish)
        {
            Keys = [KeySpec.At(1, "NOT_KEY")], Group = "pubsub", Since = "7.0.0", Syntax = "SPUBLISH shardchannel message",
            Summary = "Post a message to a shard channel", Complexity = "O(N) where N is the number of clients subscribed to the receiving shard channel.",
        },
        new("pubsub", -2, CommandFlags.None, AclCategories.None, CommandScope.Gateway, null)
        {
            Group = "pubsub", Since = "2.8.0", Summary = "A container for Pub/Sub commands.", Complexity = "Depends on subcommand.",
            Subcommands =
            [
                Look("channels", -2, "PUBSUB CHANNELS [pattern]", "Returns the active channels.", "2.8.0",
                    "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)", Channels),
                Look("numsub", -2, "PUBSUB NUMSUB [channel [channel ...]]", "Returns a count of subscribers to channels.", "2.8.0",
                    "O(N) for the NUMSUB subcommand, where N is the number of requested channels", NumSub),
                Look("numpat", 2, "PUBSUB NUMPAT", "Returns a count of unique pattern subscriptions.", "2.8.0",
                    "O(1)", NumPat),
                Look("shardchannels", -2, "PUBSUB SHARDCHANNELS [pattern]", "Returns the active shard channels.", "7.0.0",
                    "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).", ShardChannels),
                Look("shardnumsub", -2, "PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]", "Returns the count of subscribers of shard channels.", "7.0.0",
                    "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels", ShardNumSub),
                new("help", 2, CommandFlags.Loading | CommandFlags.Stale, AclCategories.None, CommandScope.Gateway, Help)
                {
                    Group = "pubsub", Since = "6.2.0", Syntax = "PUBSUB HELP", Summary = "Returns helpful text about the different subcommands.",
                },
            ],
        },
    ];

    private static CommandRow Topic(string name, int arity, string syntax, string summary, string complexity, CommandHandler handler) =>
        new(name, arity, Subscribing, AclCategories.None, CommandScope.Gateway, handler)
        {
            Group = "pubsub", Since = "2.0.0", Syntax = syntax, Summary = summary, Complexity = complexity,
        };

    private static CommandRow Look(
        string name, int arity, string syntax, string summary, string since, string complexity, CommandHandler handler) =>
        new(name, arity, Looking, AclCategories.None, CommandScope.Gateway, handler)
        {
            Group = "pubsub", Since = since, Syntax = syntax, Summary = summary, Complexity = complexity,
        };

    // SUBSCRIBE channel [channel ...]
    private static void Subscribe(CommandContext context, ref ReplyWriter reply) =>
        SubscribeAll(context, TopicKind.Channel, "subscribe"u8, ref reply);

    // UNSUBSCRIBE [channel [channel ...]]
    private static void Unsubscribe(CommandContext context, ref ReplyWriter reply) =>
        UnsubscribeAll(context, TopicKind.Channel, "unsubscribe"u8, ref reply);

    // PSUBSCRIBE pattern [pattern ...]
    private static void PSubscribe(CommandContext context, ref ReplyWriter reply) =>
        SubscribeAll(context, TopicKind.Pattern, "psubscribe"u8, ref reply);

    // PUNSUBSCRIBE [pattern [pattern ...]]
    private static void PUnsubscribe(CommandContext context, ref ReplyWriter reply) =>
        UnsubscribeAll(context, TopicKind.Pattern, "punsubscribe"u8, ref reply);

    // SSUBSCRIBE shardchannel [shardchannel ...]
    private static void SSubscribe(CommandContext context, ref ReplyWriter reply) =>
        SubscribeAll(context, TopicKind.ShardChannel, "ssubscribe"u8, ref reply);

    // SUNSUBSCRIBE [shardchannel [shardchannel ...]]
    private static void SUnsubscribe(CommandContext context, ref ReplyWriter reply) =>
        UnsubscribeAll(context, TopicKind.ShardChannel, "sunsubscribe"u8, ref reply);

    // PUBLISH channel message
    private static void Publish(CommandContext context, ref ReplyWriter reply) => Publish(context, isShard: false, ref reply);

    // SPUBLISH shardchannel message
    private static void SPublish(CommandContext context, ref ReplyWriter reply) => Publish(context, isShard: true, ref reply);

    // Alone, it goes to this gateway's subscribers: the connection tells the other gateways, and waits for them. A transaction does not wait.
    private static void Publish(CommandContext context, bool isShard, ref ReplyWriter reply)
    {
        var server = context.Server();
        reply.Integer(context.Worker.IsInTransaction
            ? server.PubSub.PublishEverywhere(isShard, context.Args[1], context.Args[2], isShard && server.IsClusterMode, context.Worker)
            : server.PubSub.Publish(isShard, context.Args[1], context.Args[2], context.Worker));
    }

    // PUBSUB CHANNELS [pattern]
    private static void Channels(CommandContext context, ref ReplyWriter reply) => ListTopics(context, TopicKind.Channel, ref reply);

    // PUBSUB SHARDCHANNELS [pattern]
    private static void ShardChannels(CommandContext context, ref ReplyWriter reply) => ListTopics(context, TopicKind.ShardChannel, ref reply);

    // PUBSUB NUMSUB [channel [channel ...]]
    private static void NumSub(CommandContext context, ref ReplyWriter reply) => CountSubscribers(context, TopicKind.Channel, ref reply);

    // PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]
    private static void ShardNumSub(CommandContext context, ref ReplyWriter reply) => CountSubscribers(context, TopicKind.ShardChannel, ref reply);

    // PUBSUB NUMPAT
    private static void NumPat(CommandContext context, ref ReplyWriter reply) => reply.Integer(context.Server().PubSub.PatternCount);

    // PUBSUB HELP
    private static void Help(CommandContext context, ref ReplyWriter reply) => HelpText.Write("PUBSUB", ref reply,
        "CHANNELS [<pattern>]", "    Return the currently active channels matching a <pattern> (default: '*').",
        "NUMPAT", "    Return number of subscriptions to patterns.",
        "NUMSUB [<channel> ...]", "    Return the number of subscribers for the specified channels, excluding", "    pattern subscriptions(default: no channels).",
        "SHARDCHANNELS [<pattern>]", "    Return the currently active shard level channels matching a <pattern> (default: '*').",
        "SHARDNUMSUB [<shardchannel> ...]", "    Return the number of subscribers for the specified shard level channel(s)");

    private static void SubscribeAll(CommandContext context, TopicKind kind, ReadOnlySpan<byte> verb, ref ReplyWriter reply)
    {
        var client = context.Client();
        for (var i = 1; i < context.Args.Count; i++)
        {
            var topic = context.Args[i].ToArray();
            client.Subscribe(kind, topic);
            Confirm(client, kind, verb, topic, ref reply);
        }
    }

    private static void UnsubscribeAll(CommandContext context, TopicKind kind, ReadOnlySpan<byte> verb, ref ReplyWriter reply)
    {
        var client = context.Client();
        var topics = client.Subscriptions(kind);
        if (context.Args.Count > 1)
        {
            topics = new byte[context.Args.Count - 1][];
            for (var i = 0; i < topics.Length; i++) topics[i] = context.Args[i + 1].ToArray();
        }

        foreach (var topic in topics)
        {
            client.Unsubscribe(kind, topic);
            Confirm(client, kind, verb, topic, ref reply);
        }

        if (topics.Length == 0) Confirm(client, kind, verb, null, ref reply);
    }

    /// <summary>Writes the message that confirms a subscription or its end.</summary>
    public static void Confirm(RespConnection client, TopicKind kind, ReadOnlySpan<byte> verb, byte[]? topic, ref ReplyWriter reply)
    {
        reply.Push(3);
        reply.Bulk(verb);
        if (topic == null) reply.Null();
        else reply.Bulk(topic);
        reply.Integer(kind == TopicKind.ShardChannel
            ? client.SubscriptionCount(kind)
            : client.SubscriptionCount(TopicKind.Channel) + client.SubscriptionCount(TopicKind.Pattern));
    }

    private static void ListTopics(CommandContext context, TopicKind kind, ref ReplyWriter reply)
    {
        if (context.Args.Count > 3)
        {
            reply.Error(ErrorText.UnknownSubcommandOrArity(context.Args));
            return;
        }

        var topics = context.Server().PubSub.Topics(kind);
        if (context.Args.Count == 3)
        {
            var pattern = context.Args[2].ToArray();
            topics = Array.FindAll(topics, topic => Glob.IsMatch(pattern, topic));
        }

        reply.Array(topics.Length);
        foreach (var topic in topics) reply.Bulk(topic);
    }

    private static void CountSubscribers(CommandContext context, TopicKind kind, ref ReplyWriter reply)
    {
        reply.Array((context.Args.Count - 2) * 2);
        for (var i = 2; i < context.Args.Count; i++)
        {
            reply.Bulk(context.Args[i]);
            reply.Integer(context.Server().PubSub.SubscriberCount(kind, context.Args[i]));
        }
    }
}
