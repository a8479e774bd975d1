/**
 * What happens to failures that no code has caught: they are reported, and
 * skiff serves on.
 *
 * @module
 */

/**
 * Reports what is thrown or rejected in a scope without being caught. By default such a failure ends the process, and
 * with it the connections of all clients: one that can be caused from outside would end the server for everybody.
 */
export function reportUncaught(
  scope: EventTarget,
  report: (error: unknown) => void,
): void {
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    report((event as PromiseRejectionEvent).reason);
  });
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    report((event as ErrorEvent).error);
  });
}
