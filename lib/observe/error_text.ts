/**
 * Errors as text: a message for the operator, or a stack for debugging.
 *
 * @module
 */

/** The message of an error; anything else that was thrown, as a string. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stack of an error if it has one, its message otherwise. Never throws, whatever was thrown. */
export function errorDetails(error: unknown): string {
  if (error instanceof Error) return error.stack ?? error.message;
  try {
    return String(error);
  } catch {
    // An object without a prototype cannot be converted.
    return "an unknown error";
  }
}
