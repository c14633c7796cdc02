using OrleansKv.Engine.Commands;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// Where a handler says what it did, if the command's own words would not do the same again elsewhere: because chance or the clock had a
/// part in it, or what it found. A handler that says nothing has its command recorded as it came.
/// </summary>
/// <remarks>Every effect is a command of the selected database whose first argument is a key, and all of whose keys are in that key's slot.
/// Free where the store has no journal.</remarks>
public readonly ref struct CommandEffects
{
    private readonly CommandContext _context;

    internal CommandEffects(CommandContext context) => _context = context;

    /// <summary>The command did the same as <c>name key</c>.</summary>
    public void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key) => Begin(name, key, 2);

    /// <summary>The command did the same as <c>name key argument</c>.</summary>
    public void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> argument) =>
        Begin(name, key, 3)?.Argument(argument);

    /// <summary>The command did the same as <c>name key number</c>.</summary>
    public void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, long number) => Begin(name, key, 3)?.Argument(number);

    /// <summary>The command did the same as <c>name key first second</c>.</summary>
    public void Add(
        scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second)
    {
        if (Begin(name, key, 4) is not { } effect) return;
        effect.Argument(first);
        effect.Argument(second);
    }

    /// <summary>The command did the same as <c>name key first second third</c>.</summary>
    public void Add(
        scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second,
        scoped ReadOnlySpan<byte> third)
    {
        if (Begin(name, key, 5) is not { } effect) return;
        effect.Argument(first);
        effect.Argument(second);
        effect.Argument(third);
    }

    /// <summary>The command did the same as <c>name key first second number</c>.</summary>
    public void Add(
        scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second, long number)
    {
        if (Begin(name, key, 5) is not { } effect) return;
        effect.Argument(first);
        effect.Argument(second);
        effect.Argument(number);
    }

    /// <summary>The command did the same as <c>name key argument …</c>, whose arguments follow until <see cref="OpenEffect.End"/>.</summary>
    public OpenEffect Open(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key)
    {
        if (!_context.Worker.Effects.IsOn) return default;
        var slot = _context.SlotOf(key);
        var effect = _context.Worker.Effects.Describe(slot);
        effect.BeginOpen(slot.Number, _context.Database);
        effect.Argument(name);
        effect.Argument(key);
        return new OpenEffect(effect);
    }

    private EffectBuffer? Begin(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> key, int count)
    {
        if (!_context.Worker.Effects.IsOn) return null;
        var slot = _context.SlotOf(key);
        var effect = _context.Worker.Effects.Describe(slot);
        effect.Begin(slot.Number, _context.Database, count);
        effect.Argument(name);
        effect.Argument(key);
        return effect;
    }
}

/// <summary>An effect whose arguments come one by one.</summary>
public readonly ref struct OpenEffect
{
    private readonly EffectBuffer? _buffer;

    internal OpenEffect(EffectBuffer buffer) => _buffer = buffer;

    public void Argument(scoped ReadOnlySpan<byte> value) => _buffer?.Argument(value);

    /// <summary>No further argument comes.</summary>
    public void End() => _buffer?.End();
}
