/**
 * Heads for tests.
 *
 * @module
 */

import { assert } from "@std/assert";
import { parseRequest, RequestHead } from "../../lib/http/request.ts";
import { bytesOf } from "../helpers.ts";

/** The head that a text is parsed to, which must be a whole one. */
export function headOf(text: string): RequestHead {
  const head = new RequestHead();
  const bytes = bytesOf(text);
  assert(parseRequest(bytes, 0, bytes.length, head) === bytes.length, text);
  return head;
}
