using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OrleansKv.Engine.Commands;

/// <summary>All commands of a server, by name in any case.</summary>
public sealed class CommandTable
{
    private readonly Dictionary<byte[], CommandRow> _rows = new(NameComparer.Instance);
    private Dictionary<byte[], CommandRow>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private readonly Dictionary<CommandRow, Dictionary<byte[], CommandRow>> _subcommands = [];
    private readonly List<CommandRow> _indexed = [];

    /// <summary>A table of these families' rows.</summary>
    public CommandTable(params IEnumerable<CommandRow>[] families)
    {
        _byName = _rows.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var family in families) Add(family);
    }

    /// <summary>Top-level commands.</summary>
    public IReadOnlyCollection<CommandRow> Rows => _rows.Values;

    /// <summary>Every row with a handler, subcommands too, by <see cref="CommandRow.Index"/>.</summary>
    public IReadOnlyList<CommandRow> Indexed => _indexed;

    /// <summary>Adds rows: a layer above the engine contributes its own. Only before the server takes connections.</summary>
    public void Add(IEnumerable<CommandRow> rows)
    {
        foreach (var row in rows)
        {
            Register(row);
            _rows.Add(Encoding.ASCII.GetBytes(row.Name), row);
            if (row.Subcommands.Length == 0) continue;
            var subcommands = new Dictionary<byte[], CommandRow>(NameComparer.Instance);
            foreach (var subcommand in row.Subcommands)
            {
                subcommand.FullName = row.Name + "|" + subcommand.Name;
                Register(subcommand);
                subcommands.Add(Encoding.ASCII.GetBytes(subcommand.Name), subcommand);
            }

            _subcommands.Add(row, subcommands);
        }
    }

    /// <summary>Every row, containers and subcommands too.</summary>
    public IEnumerable<CommandRow> All => Rows.SelectMany(row => row.Subcommands.Prepend(row));

    /// <summary>The row of a full name ("client|list") or of a command, or null.</summary>
    public CommandRow? FindByFullName(ReadOnlySpan<byte> name)
    {
        var bar = name.IndexOf((byte)'|');
        if (bar < 0) return Find(name);
        var container = Find(name[..bar]);
        return container == null ? null : FindSubcommand(container, name[(bar + 1)..]);
    }

    /// <summary>The row of a command, or null.</summary>
    public CommandRow? Find(ReadOnlySpan<byte> name) => _byName.TryGetValue(name, out var row) ? row : null;

    /// <summary>The row of a container's subcommand, or null.</summary>
    public CommandRow? FindSubcommand(CommandRow container, ReadOnlySpan<byte> name) =>
        _subcommands.TryGetValue(container, out var rows)
        && rows.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var row) ? row : null;

    private void Register(CommandRow row)
    {
        row.Index = _indexed.Count;
        _indexed.Add(row);
    }

    // Names are ASCII letters, digits, '-' and '_': setting bit 5 folds the case of what matters.
    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => Ascii.EqualsIgnoreCase(x, y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other)
        {
            if (alternate.Length != other.Length) return false;
            for (var i = 0; i < other.Length; i++)
                if (alternate[i] != other[i] && (alternate[i] | 0x20) != other[i]) return false;
            return true;
        }

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = (uint)alternate.Length;
            foreach (var b in alternate) hash = (hash * 31) + (b | 0x20u);
            return (int)(hash ^ (hash >> 15));
        }
    }
}
