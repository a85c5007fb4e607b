namespace Cdc.Postgres.Internal.Protocol;

/// <summary>What is wrong with a message, before it is known where it stood.</summary>
internal sealed class ProtocolProblem(string message) : Exception(message);
