// Stands for Orleans.Runtime.MembershipService.MembershipAgent: a silo's own row, from its start to its end.
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed partial class MembershipAgent
{
    private async Task InitializeTableAsync(CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await _access.InitializeAsync().WaitAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
            {
                if (_time.GetElapsedTime(start) >= _options.MaxJoinAttemptTime)
                    throw new TimeoutException("The membership table could not be initialized.", exception);
                LogLoopFailure(_logger, exception);
            }

            await _time.WaitAsync(ConnectivityRetry, cancellationToken);
        }
    }

    private async Task DeclarePredecessorsDeadAsync(CancellationToken cancellationToken)
    {
        // One row a change, until none is left.
        while (await _access.ChangeAsync(
            data => FindPredecessor(data) is SiloAddress predecessor ? DeadRow(data, predecessor) : null,
            _options.MaxJoinAttemptTime,
            cancellationToken))
        {
            LogPredecessor(_logger, Self);
        }
    }

    private SiloAddress? FindPredecessor(MembershipTableData data) => data.Members
        .Select(member => member.Item1)
        .FirstOrDefault(row => row.Status != SiloStatus.Dead && row.SiloAddress.IsPredecessorOf(Self))?.SiloAddress;

    /// <summary>This silo's row as it joins; null if it is there already, from an attempt whose outcome stayed unknown.</summary>
    private MembershipEntry? OwnRow(MembershipTableData data)
    {
        if (data.Members.FirstOrDefault(member => member.Item1.SiloAddress.IsSuccessorOf(Self)) is var (successor, _))
            throw new OrleansException($"Silo {Self} has been succeeded by {successor.SiloAddress}.");
        if (data.TryGet(Self) is var (own, _))
        {
            if (own.StartTime != _startTime || own.Status != SiloStatus.Joining)
                throw new OrleansException($"There is a silo {Self} already: {own}.");
            return null;
        }

        return new MembershipEntry
        {
            SiloAddress = Self,
            Status = SiloStatus.Joining,
            ProxyPort = _silo.GatewayAddress.Endpoint.Port,
            HostName = Dns.GetHostName(),
            SiloName = _silo.Name,
            StartTime = _startTime,
            IAmAliveTime = _startTime,
        };
    }

    /// <summary>A silo that cannot reach the others must not become one of them: they would declare it dead, or it them.</summary>
    private async Task ReachOthersAsync(CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            await TryReadAsync();
            SiloAddress[] others = [.. _access.Latest!.Members
                .Select(member => member.Item1)
                .Where(row => row.Status == SiloStatus.Active && !row.SiloAddress.Equals(Self))
                .Where(row => _time.Now() - row.LastSign() < _options.AllowedIAmAliveMissPeriod)
                .Select(row => row.SiloAddress)
                .Order()];
            bool[] reached = await Task.WhenAll(others.Select(silo => ReachAsync(silo, _options.ProbeTimeout, cancellationToken)));
            if (reached.All(isReached => isReached))
                return;
            string unreached = string.Join(", ", others.Where((_, index) => !reached[index]));
            if (_time.GetElapsedTime(start) >= _options.MaxJoinAttemptTime)
                throw new OrleansException($"Silo {Self} cannot become active: it does not reach {unreached}.");
            LogUnreached(_logger, unreached);
            await _time.WaitAsync(ConnectivityRetry, cancellationToken);
        }
    }

    private async Task<bool> ReachAsync(SiloAddress silo, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _link.ProbeAsync(silo, either.Token).WaitAsync(either.Token);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>A status only goes forward; who was declared dead meanwhile has found that out by reading.</summary>
    private async Task SetStatusAsync(SiloStatus status, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _access.ChangeAsync(
            data => data.TryGet(Self)?.Item1 is MembershipEntry own && own.Status < status ? SignedRow(own, status) : null,
            limit,
            cancellationToken);
        if (LocalStatus == SiloStatus.Dead && status != SiloStatus.Dead)
            throw new OrleansException($"Silo {Self} was declared dead before it was {status}.");
    }

    private MembershipEntry SignedRow(MembershipEntry own, SiloStatus status)
    {
        MembershipEntry row = FailureDetector.WithStatus(own, status);
        row.IAmAliveTime = _time.Now();
        return row;
    }

    private async Task LeaveAsAsync(SiloStatus status, CancellationToken cancellationToken)
    {
        if (!_hasJoined || LocalStatus == SiloStatus.Dead)
            return;
        try
        {
            await SetStatusAsync(status, LeaveLimit, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or OperationCanceledException)
        {
            LogLeaveFailure(_logger, status, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An earlier incarnation of silo {Silo} was declared dead.")]
    private static partial void LogPredecessor(ILogger logger, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not active yet: these silos are not reached: {Silos}.")]
    private static partial void LogUnreached(ILogger logger, string silos);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo could not announce that it is {Status}.")]
    private static partial void LogLeaveFailure(ILogger logger, SiloStatus status, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Silo {Silo} is dead: {Reason}. It stops serving.")]
    private static partial void LogDead(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This process has not run for {LatenessMs} ms; the membership table is read again.")]
    private static partial void LogPause(ILogger logger, double latenessMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership table could not be read or written; this is tried again.")]
    private static partial void LogLoopFailure(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} could not be declared dead.")]
    private static partial void LogKillFailure(ILogger logger, SiloAddress silo, Exception exception);
}
