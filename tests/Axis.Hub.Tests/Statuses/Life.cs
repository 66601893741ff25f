namespace Axis.Hub.Tests.Statuses;

/// <summary>One letter's life: its deliveries beside their models, what was sent, and the story so far.</summary>
internal sealed class Life(Random random)
{
    public Random Random { get; } = random;
    public Dictionary<string, LettersOfOneId> At { get; } = [];

    /// <summary>The letters and the acts about them that came to somebody.</summary>
    public List<(string Recipient, Guid Delivery)> Brought { get; } = [];

    /// <summary>The times that reports told of themselves.</summary>
    public List<long> Said { get; } = [];
    public List<(string From, byte[] Bytes, string Receipt)> Sent { get; } = [];
    public List<string> Told { get; } = [];

    public void Tell(string what) => Told.Add(what);

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];
}

/// <param name="IsRaced">What follows its acceptance may come before its queue has confirmed it.</param>
internal sealed record OneLetter(Guid Delivery, LifeModel Model, long AcceptedAt, bool IsRaced);

/// <summary>What came to one recipient under one document id, oldest first.</summary>
internal sealed class LettersOfOneId : List<OneLetter>
{
    /// <summary>
    /// The one that a report of this time is about. Nobody speaks of what it has not taken and could not know of; and
    /// who tells no time speaks of what it has.
    /// </summary>
    public OneLetter MeantAt(long? said) =>
        Enumerable
            .Range(0, Count)
            .Reverse()
            .Select(n => (N: n, Letter: this[n]))
            .First(one =>
                one.N == 0
                || !one.Letter.Model.IsUntaken
                || (
                    said is { } time
                        ? time >= one.Letter.AcceptedAt
                        : this.Take(one.N).All(older => older.Model.State != "collected")
                )
            )
            .Letter;
}
