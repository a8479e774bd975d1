/**
 * Signals: stop and reload, from an operator or a supervisor.
 *
 * @module
 */

/** What to do on a signal. */
export interface SignalHandlers {
  /** Stops gracefully, on the first signal to stop. */
  readonly stop: () => void;
  /** Returns the exit code for the second signal to stop, which ends the process at once. */
  readonly exitCode: () => number;
  /** Reloads the configuration. */
  readonly reload: () => void;
}

/** Listens for signals. `stop` of what it returns does what a signal to stop does; `close` stops listening. */
export function onSignals(
  { stop, exitCode, reload }: SignalHandlers,
): { readonly stop: () => void; readonly close: () => void } {
  let stops = 0;
  const onStop = () => {
    if (++stops > 1) Deno.exit(exitCode());
    stop();
  };
  const hadTerminal = Deno.stderr.isTerminal();
  // SIGHUP means stop when the terminal was closed, and reload when a supervisor sends it.
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
  return {
    stop: onStop,
    close: () => {
      for (const [signal, handler] of handlers) {
        Deno.removeSignalListener(signal, handler);
      }
    },
  };
}
