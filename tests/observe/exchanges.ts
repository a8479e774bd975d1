/**
 * An exchange for the tests of what is made of exchanges.
 *
 * @module
 */

import type { Exchange } from "../../lib/observe/exchange.ts";

/** A file that was asked for and sent. */
export const EXCHANGE: Exchange = {
  remote: "192.0.2.7",
  time: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  duration: 0.25,
  requestLine: "GET /hello.txt?x=1 HTTP/1.1",
  method: "GET",
  target: "/hello.txt?x=1",
  version: "HTTP/1.1",
  referer: undefined,
  agent: undefined,
  host: undefined,
  status: 200,
  bodyBytes: 1234,
  coding: undefined,
  isEventStream: false,
  isCached: true,
  isTls: false,
  id: undefined,
};
