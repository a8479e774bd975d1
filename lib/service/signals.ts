/**
 * Signals: what a person or a supervisor tells the process.
 *
 * @module
 */

/** What signals ask for. */
export interface SignalHandlers {
  /** To stop, the first time. */
  readonly stop: () => void;
  /** To end at once, the second time, which is done here. Returns the exit code. */
  readonly exitCode: () => number;
  /** To read everything anew that can change while the process runs. */
  readonly reload: () => void;
}

/** Calls back at signals. Returns what undoes that. */
export function onSignals(
  { stop, exitCode, reload }: SignalHandlers,
): () => void {
  let stops = 0;
  const onStop = () => {
    if (++stops > 1) Deno.exit(exitCode());
    stop();
  };
  const hadTerminal = Deno.stderr.isTerminal();
  // Whoever closes his terminal wants everything in it to end; a supervisor has none, and means something else.
  const onHangUp = () => {
    if (hadTerminal && !Deno.stderr.isTerminal()) onStop();
    else reload();
  };
  const isWindows = Deno.build.os === "windows";
  const handlers: readonly (readonly [Deno.Signal, () => void])[] = isWindows
    ? [["SIGINT", onStop], ["SIGBREAK", onStop]]
    : [["SIGINT", onStop], ["SIGTERM", onStop], ["SIGHUP", onHangUp]];
  for (const [signal, handler] of handlers) {
    Deno.addSignalListener(signal, handler);
  }
  return () => {
    for (const [signal, handler] of handlers) {
      Deno.removeSignalListener(signal, handler);
    }
  };
}
