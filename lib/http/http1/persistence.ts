/**
 * Whether a connection persists after a request (RFC 9112 §9.3).
 *
 * @module
 */

import { trimSpace } from "../ascii.ts";
import { Field } from "../fields.ts";
import type { RequestHead } from "../head.ts";

/**
 * HTTP/1.1 persists unless the client sends "close"; HTTP/1.0 only if it sends
 * "keep-alive". "close" wins over "keep-alive"; both are case-insensitive.
 */
export function isPersistent(head: RequestHead): boolean {
  const value = head.field(Field.Connection);
  if (value === undefined) return head.version !== "HTTP/1.0";
  const options = value.toLowerCase().split(",").map(trimSpace);
  if (options.includes("close")) return false;
  return head.version !== "HTTP/1.0" || options.includes("keep-alive");
}
