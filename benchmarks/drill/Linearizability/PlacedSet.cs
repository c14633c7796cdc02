using System.Numerics;

namespace OrleansKv.Drill.Linearizability;

/// <summary>
/// The set of operations that the search has placed. Operations are numbered by invocation, so all but a few of the first ones are in it:
/// everything below <see cref="First"/> is, and what is above it fits into few words.
/// </summary>
internal sealed class PlacedSet(int count)
{
    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(count / WordBits) + 1];
    private int _firstOpenWord;
    private int _lastUsedWord = -1;

    /// <summary>The smallest number that is not in the set.</summary>
    public int First => (_firstOpenWord * WordBits) + BitOperations.TrailingZeroCount(~_words[_firstOpenWord]);

    /// <summary>The words that are neither full nor past the last member.</summary>
    public ReadOnlySpan<ulong> Window => _lastUsedWord < _firstOpenWord ? [] : _words.AsSpan(_firstOpenWord, _lastUsedWord - _firstOpenWord + 1);

    public void Add(int number)
    {
        int word = number / WordBits;
        _words[word] |= 1UL << (number % WordBits);
        _lastUsedWord = Math.Max(_lastUsedWord, word);
        // There is a word more than needed, so an open one is always found.
        while (_words[_firstOpenWord] == ulong.MaxValue)
            _firstOpenWord++;
    }

    public void Remove(int number)
    {
        int word = number / WordBits;
        _words[word] &= ~(1UL << (number % WordBits));
        _firstOpenWord = Math.Min(_firstOpenWord, word);
        while (_lastUsedWord >= 0 && _words[_lastUsedWord] == 0)
            _lastUsedWord--;
    }
}

/// <summary>The configurations (operations placed, value of the register) that the search has been in.</summary>
internal sealed class Configurations
{
    private readonly HashSet<Configuration> _seen = [];

    /// <summary>False when the configuration has been there before.</summary>
    public bool Add(PlacedSet placed, int value) => _seen.Add(new Configuration(placed.First, value, placed.Window.ToArray()));

    private readonly struct Configuration(int first, int value, ulong[] window) : IEquatable<Configuration>
    {
        private readonly int _first = first;
        private readonly int _value = value;
        private readonly ulong[] _window = window;

        public bool Equals(Configuration other) =>
            _first == other._first && _value == other._value && _window.AsSpan().SequenceEqual(other._window);

        public override bool Equals(object? obj) => obj is Configuration other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_first);
            hash.Add(_value);
            foreach (ulong word in _window)
                hash.Add(word);
            return hash.ToHashCode();
        }
    }
}
