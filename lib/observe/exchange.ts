/**
 * Exchange: the record of one request and its answer, as logs and metrics are
 * fed with it.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import { bodyLength, type Reply } from "../http/reply.ts";
import type { HttpVersion, RequestHead } from "../http/head.ts";

/** One request and its answer. */
export interface Exchange {
  /** Address of the client, as far as it is known: behind a proxy that is trusted, what the proxy says. */
  readonly remote: string;
  /** When the request was complete, in ms since the epoch. */
  readonly time: number;
  /** From then until the last byte of the answer was handed to the system, in ms, with fractions. */
  readonly duration: number;
  /** Method, target and version as they came; undefined when no request could be read. */
  readonly requestLine: string | undefined;
  /** The method token; empty when no request could be read. */
  readonly method: string;
  /** The request-target as it came; empty when no request could be read. */
  readonly target: string;
  /** Version of the request; undefined when no request could be read. */
  readonly version: HttpVersion | undefined;
  /** The Referer field. */
  readonly referer: string | undefined;
  /** The User-Agent field. */
  readonly agent: string | undefined;
  /** Status of the reply. */
  readonly status: number;
  /** Bytes of the body that were handed to the system, without the head. */
  readonly bodyBytes: number;
  /** Token of the content coding that was sent; undefined for none. */
  readonly coding: string | undefined;
  /** Whether no file was looked up anew and no directory was read for the answer. What is too large for memory is read all the same. */
  readonly isCached: boolean;
  /** Whether it went over TLS. */
  readonly isTls: boolean;
  /** The id that was given to the request; undefined when ids are not asked for. */
  readonly id: string | undefined;
}

/** What is known of an exchange beside its head and its reply. */
export interface ExchangeDetails {
  /** The client's address, as in {@linkcode Exchange.remote}, and whether it uses TLS. */
  readonly client: { readonly address: string; readonly isTls: boolean };
  /** See {@linkcode Exchange.time}. */
  readonly time: number;
  /** See {@linkcode Exchange.duration}. */
  readonly duration: number;
  /** Bytes of the body that were handed to the system; Infinity for all of them. */
  readonly written: number;
  /** See {@linkcode Exchange.isCached}. */
  readonly isCached: boolean;
  /** See {@linkcode Exchange.id}. */
  readonly id: string | undefined;
}

/** The record of an exchange. A head without a target could not be read. */
export function exchangeOf(
  head: RequestHead,
  reply: Reply,
  { client, time, duration, written, isCached, id }: ExchangeDetails,
): Exchange {
  const { method, target, version } = head;
  const length = method === "HEAD" ? 0 : bodyLength(reply);
  const isRead = target !== "";
  return {
    remote: client.address,
    time,
    duration,
    requestLine: isRead ? `${method} ${target} ${version}` : undefined,
    method: isRead ? method : "",
    target,
    version: isRead ? version : undefined,
    referer: head.field(Field.Referer),
    agent: head.field(Field.UserAgent),
    status: reply.status,
    bodyBytes: Math.min(length, written),
    coding: reply.coding,
    isCached,
    isTls: client.isTls,
    id,
  };
}
