/**
 * Exchange: the record of one request and its answer, for logs and metrics.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import { bodyLength, hasEvents, type Reply } from "../http/reply.ts";
import type { HttpVersion, RequestHead } from "../http/head.ts";

/** One request and its answer. */
export interface Exchange {
  /** Address of the client: what a trusted proxy says, otherwise the peer's. */
  readonly remote: string;
  /** When the request was complete, in ms since the epoch. */
  readonly time: number;
  /** From then until the last byte of the answer was written, in ms, with fractions. */
  readonly duration: number;
  /** Method, target and version as received; undefined for a request that could not be parsed. */
  readonly requestLine: string | undefined;
  /** The method token; empty for a request that could not be parsed. */
  readonly method: string;
  /** The request-target as received; empty for a request that could not be parsed. */
  readonly target: string;
  /** Version of the request; undefined for a request that could not be parsed. */
  readonly version: HttpVersion | undefined;
  readonly referer: string | undefined;
  readonly agent: string | undefined;
  /** Host of the request, only for a 404 with a Referer: tells whether a page of this site caused it. */
  readonly host: string | undefined;
  readonly status: number;
  /** Bytes of the body that were written. */
  readonly bodyBytes: number;
  /** Whether the body had no known end, so that the duration says nothing about the server. */
  readonly isEventStream: boolean;
  /** Token of the content coding; undefined for none. */
  readonly coding: string | undefined;
  /** Whether the answer needed no lookup on disk. Reading content that is too large for memory does not count. */
  readonly isCached: boolean;
  /** Whether the connection used TLS. */
  readonly isTls: boolean;
  /** The id of the request; undefined if requests have none. */
  readonly id: string | undefined;
}

/** What an exchange adds to its head and its reply. */
export interface ExchangeDetails
  extends Pick<Exchange, "time" | "duration" | "isCached" | "id"> {
  /** The client's address, as in {@linkcode Exchange.remote}, and whether it uses TLS. */
  readonly client: { readonly address: string; readonly isTls: boolean };
  /** Bytes of the body that were written; Infinity for all. */
  readonly written: number;
}

/** Makes the record of an exchange. A head without a target could not be parsed. */
export function exchangeOf(
  head: RequestHead,
  reply: Reply,
  { client, time, duration, written, isCached, id }: ExchangeDetails,
): Exchange {
  const { method, target, version } = head;
  const isEventStream = hasEvents(reply, head);
  const length = isEventStream
    ? written
    : method === "HEAD"
    ? 0
    : bodyLength(reply);
  const isRead = target !== "";
  const referer = head.field(Field.Referer);
  return {
    remote: client.address,
    time,
    duration,
    requestLine: isRead ? `${method} ${target} ${version}` : undefined,
    method: isRead ? method : "",
    target,
    version: isRead ? version : undefined,
    referer,
    agent: head.field(Field.UserAgent),
    host: reply.status === 404 && referer !== undefined
      ? head.field(Field.Host)
      : undefined,
    status: reply.status,
    bodyBytes: Math.min(length, written),
    isEventStream,
    coding: reply.coding,
    isCached,
    isTls: client.isTls,
    id,
  };
}
