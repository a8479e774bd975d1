/**
 * Heads for tests.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { RequestHead } from "../../lib/http/head.ts";
import { ParsedHead } from "../../lib/http/http1/request.ts";
import { bytesOf } from "../helpers.ts";

/** The head that a text is parsed to, which must be a whole one. */
export function headOf(text: string): RequestHead {
  const head = new ParsedHead();
  const bytes = bytesOf(text);
  assert(head.parse(bytes, 0, bytes.length) === bytes.length, text);
  return head;
}
