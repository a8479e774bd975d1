/**
 * Exchange: the record of one request and its answer, as logs are fed with it.
 *
 * @module
 */

/** One request and its answer. */
export interface Exchange {
  /** Address of the client. */
  readonly remote: string;
  /** When the request was complete, in ms since the epoch. */
  readonly time: number;
  /** Method, target and version as they came; undefined when no request could be read. */
  readonly requestLine: string | undefined;
  /** Status of the reply. */
  readonly status: number;
  /** Bytes of the body that were handed to the system, without the head. */
  readonly bodyBytes: number;
}
