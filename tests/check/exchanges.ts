/**
 * What comes on a connection, for the tests of probes.
 *
 * @module
 */

import {
  type ProbeExchange,
  ResponseSplitter,
} from "../../lib/check/responses.ts";

/** Splits bytes, a character each, into responses to requests with these methods. */
export function splitResponses(
  text: string,
  methods: readonly string[],
  isClosed: boolean,
): ProbeExchange {
  const splitter = new ResponseSplitter(methods);
  splitter.push(text);
  return splitter.result(isClosed);
}
