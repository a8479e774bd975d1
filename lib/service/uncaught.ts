/**
 * What happens to failures that no code has caught: they are reported, and
 * skiff serves on.
 *
 * @module
 */

/**
 * Reports what is thrown or rejected in a scope without being caught. By default such a failure ends the process, and
 * with it the connections of all clients: a request that can cause one would end the server. Ends when the result is
 * disposed of, so that a failure of the server itself does not leave a process that serves no client.
 */
export function reportUncaught(
  scope: EventTarget,
  report: (error: unknown) => void,
): Disposable {
  const onRejection = (event: Event) => {
    event.preventDefault();
    report((event as PromiseRejectionEvent).reason);
  };
  const onError = (event: Event) => {
    event.preventDefault();
    report((event as ErrorEvent).error);
  };
  scope.addEventListener("unhandledrejection", onRejection);
  scope.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      scope.removeEventListener("unhandledrejection", onRejection);
      scope.removeEventListener("error", onError);
    },
  };
}
