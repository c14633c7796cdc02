// Stands for Orleans.Serialization.ExceptionCodec and Orleans.Serialization.UnavailableExceptionFallbackException.
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans;
using Orleans.Serialization;
using OrleansKv.LocalRuntime;

namespace Orleans.Serialization
{
    /// <summary>Stands for an exception whose type is not known here, or cannot be made with a message.</summary>
    public sealed class UnavailableExceptionFallbackException : Exception
    {
        public UnavailableExceptionFallbackException()
        {
        }

        public UnavailableExceptionFallbackException(string message)
            : base(message)
        {
        }

        public UnavailableExceptionFallbackException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        /// <summary>The full name of the type that was thrown.</summary>
        public string ExceptionType { get; internal set; } = "";
    }
}

namespace OrleansKv.LocalRuntime
{
    /// <summary>
    /// An exception crosses as the name of its type, its message, its stack as text, its inner exception and, where its type is marked
    /// [GenerateSerializer], its members. On the other side it is made by a constructor that takes the message.
    /// </summary>
    internal sealed class ExceptionContent : Content
    {
        private static readonly ConcurrentDictionary<Type, Func<string, Exception?, Exception>?> Makers = new();

        private readonly Codec<string> _text = Codecs.Of<string>();
        private readonly Codec<Exception> _inner = Codecs.Of<Exception>();

        public override void Write(WireWriter writer, object value)
        {
            var exception = (Exception)value;
            var type = exception.GetType();
            bool isFallback = exception is UnavailableExceptionFallbackException;
            writer.WriteString(isFallback ? ((UnavailableExceptionFallbackException)exception).ExceptionType : type.FullName ?? type.Name);
            _text.Write(writer, exception.Message);
            _text.Write(writer, exception.StackTrace!);
            _inner.Write(writer, exception.InnerException!);
            int start = writer.BeginLength();
            if (MembersOf(type) is { } members)
                members.Write(writer, exception);
            writer.EndLength(start);
        }

        public override object Read(WireReader reader, int position)
        {
            string typeName = reader.ReadString();
            string message = _text.Read(reader) ?? "";
            string? stack = _text.Read(reader);
            var inner = _inner.Read(reader);
            int end = reader.ReadPartEnd();
            var type = FindType(typeName);
            var exception = type is not null && Makers.GetOrAdd(type, FindMaker) is { } make
                ? make(message, inner)
                : new UnavailableExceptionFallbackException(message, inner!) { ExceptionType = typeName };
            if (reader.Position < end && exception.GetType() == type && MembersOf(type) is IMemberContent members)
                members.ReadInto(reader, exception);
            reader.Skip(end);
            return stack is null ? exception : ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
        }

        private static Content? MembersOf(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
            ? (Content)Activator.CreateInstance(typeof(ObjectContent<>).MakeGenericType(type))!
            : null;

        /// <summary>Among the assemblies that are loaded; a name never loads one.</summary>
        private static Type? FindType(string name) => AppDomain.CurrentDomain.GetAssemblies()
            .Select(assembly => assembly.IsDynamic || name.Length == 0 ? null : assembly.GetType(name))
            .FirstOrDefault(type => type is not null && type.IsAssignableTo(typeof(Exception)));

        private static Func<string, Exception?, Exception>? FindMaker(Type type)
        {
            if (type.IsAbstract || type.ContainsGenericParameters)
                return null;
            const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
            bool isOurs = type.Assembly == typeof(ExceptionContent).Assembly;
            var flags = isOurs ? Any : BindingFlags.Public | BindingFlags.Instance;
            if (type.GetConstructor(flags, [typeof(string), typeof(Exception)]) is { } withInner)
                return (message, inner) => (Exception)withInner.Invoke(BindingFlags.DoNotWrapExceptions, null, [message, inner], null);
            if (type.GetConstructor(flags, [typeof(string)]) is { } withMessage)
                return (message, _) => (Exception)withMessage.Invoke(BindingFlags.DoNotWrapExceptions, null, [message], null);
            return null;
        }
    }
}
