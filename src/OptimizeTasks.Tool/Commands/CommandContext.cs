using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary>What surrounds a command.</summary>
/// <param name="Output">Receives results.</param>
/// <param name="Log">Receives diagnostics.</param>
/// <param name="CancellationToken">Ends the command.</param>
internal sealed record CommandContext(TextWriter Output, DiagnosticLog Log, CancellationToken CancellationToken);
