/**
 * One connection of a server: what comes before its first request (the TLS
 * handshake, a PROXY header, admission), then the protocol that the client
 * speaks.
 *
 * @module
 */

import { CLOSED, type Entrant } from "./admission.ts";
import { INPUT_BYTES } from "./buffers.ts";
import {
  type Client,
  createClient,
  type OpenedConnection,
  type Socket,
} from "./client.ts";
import type { ConnectionContext } from "./context.ts";
import { reportOf } from "./errors.ts";
import { mayBegin } from "../http/ascii.ts";
import { PREFACE } from "../http/http2/frames.ts";
import { Http1Connection } from "./http1/connection.ts";
import type { Phase } from "../observe/metric_layout.ts";
import type { ConnectionPlace } from "./places.ts";
import { readProxyHeader } from "./proxy_protocol.ts";
import type { RosterMember } from "./roster.ts";

/** A connection that is open, in the protocol that its client speaks. */
interface ProtocolConnection extends
  Pick<
    Http1Connection,
    | "phase"
    | "since"
    | "awaitsClient"
    | "eventStreams"
    | "serve"
    | "stop"
    | "closeIfSilent"
    | "sweep"
  > {
  /** How many streams are open; undefined for HTTP/1.1. */
  readonly streamCount?: number;
}

/** A connection, from the moment it is accepted until it is closed. */
export class Connection implements Entrant, RosterMember, OpenedConnection {
  /** The accepted socket. Only {@linkcode Connection.close} closes it. */
  readonly socket: Socket;
  /** The other end. */
  readonly client: Client;
  /** What arrived together with the PROXY header. */
  received: Uint8Array | undefined;
  /** Whether the first reply is the last, because the server is stopping. */
  isLast = false;
  /** Its index among the connections of the server. */
  index = -1;
  /** Its place in the admission. */
  place: ConnectionPlace<Entrant> | undefined;
  /** Its place while it is not open yet. */
  openingPlace: ConnectionPlace<Entrant> | undefined;
  /** The client that the admission counts it for. */
  countedFor: string | undefined;
  readonly #context: ConnectionContext;
  /** Whether the connection starts with a PROXY header. */
  readonly #isProxied: boolean;
  /** In ms since the epoch. */
  readonly #acceptedAt: number;
  /** What it is doing while it is not known which protocol the client speaks, and since when in ms since the epoch. */
  #opening: { readonly phase: Phase; readonly since: number };
  /** Serves the requests; undefined until the connection is open. */
  #protocol: ProtocolConnection | undefined;
  #isClosed = false;

  /** Takes over an accepted socket and closes it in the end. `now` is in ms since the epoch. */
  constructor(socket: Socket, context: ConnectionContext, now: number) {
    this.socket = socket;
    this.#context = context;
    this.#acceptedAt = now;
    this.#opening = { phase: "head", since: now };
    this.client = createClient(socket);
    this.#isProxied = context.isProxy?.(this.client.peer) === true;
  }

  /** What the connection is doing. Opening it counts as part of the first head. */
  get phase(): Phase {
    return this.#protocol?.phase ?? this.#opening.phase;
  }

  /** When the current phase began, in ms since the epoch. */
  get since(): number {
    return this.#protocol?.since ?? this.#opening.since;
  }

  /** How many streams are open; undefined if the connection does not speak HTTP/2. */
  get streams(): number | undefined {
    return this.#protocol?.streamCount;
  }

  /** Whether the server waits for the client, with no request to answer. */
  get awaitsClient(): boolean {
    return this.#protocol?.awaitsClient ?? true;
  }

  /** How many event streams are open on it. */
  get eventStreams(): number {
    return this.#protocol?.eventStreams ?? 0;
  }

  /** Whether a handshake or a PROXY header comes before the first request. */
  get isOpening(): boolean {
    return this.client.isTls || this.#isProxied;
  }

  /**
   * Opens the connection and serves its requests until it ends. `refusal` is what {@linkcode Admission.enter} returned:
   * a status is sent instead of any answer, {@linkcode CLOSED} closes the connection. The caller calls
   * {@linkcode Admission.leave} at its end. Never rejects.
   */
  serve(refusal: number): Promise<void> {
    // Without TLS, PROXY header and --h2c there is nothing to wait for, and this saves a promise per connection.
    const isOpen = !this.isOpening && this.#context.acceptsH2c !== true;
    return isOpen && refusal !== CLOSED
      ? this.#serveHttp1(refusal, this.#acceptedAt)
      : this.#openAndServe(refusal);
  }

  #serveHttp1(refusal: number, now: number): Promise<void> {
    const http1 = new Http1Connection(this, this.#context, now);
    this.#protocol = http1;
    return http1.serve(refusal);
  }

  async #openAndServe(refusal: number): Promise<void> {
    try {
      const status = refusal === CLOSED || !this.isOpening
        ? refusal
        : await this.#open() || refusal;
      if (status === CLOSED) return;
      this.#context.admission.markOpen(this);
      const isHttp2 = await this.#speaksHttp2(status !== 0);
      const now = Date.now();
      if (!isHttp2) return await this.#serveHttp1(status, now);
      const { Http2Connection } = await import("./http2/connection.ts");
      this.#protocol = new Http2Connection(this, this.#context, now);
      await this.#protocol.serve(status);
    } finally {
      this.close();
    }
  }

  /** Completes the TLS handshake and reads the PROXY header. Returns 0, the status to refuse the client with, or {@linkcode CLOSED}. */
  async #open(): Promise<number> {
    try {
      // A handshake is several writes, which Nagle's algorithm would delay.
      if (this.client.isTls) this.socket.setNoDelay?.(true);
      await this.socket.handshake?.();
      return this.#isProxied ? await this.#readProxyHeader() : 0;
    } catch (error) {
      const report = reportOf(error, false);
      if (report !== undefined) this.#context.report(report);
      return CLOSED;
    }
  }

  /** Whether the client speaks HTTP/2: over TLS it has said so, otherwise it begins with the preface. */
  #speaksHttp2(isRefused: boolean): boolean | Promise<boolean> {
    if (this.client.isTls) return this.socket.protocol === "h2";
    return this.#context.acceptsH2c === true &&
      this.#beginsWithPreface(isRefused);
  }

  /** Reads until the first bytes are those of HTTP/2 (RFC 9113 §3.3), or differ from them. */
  async #beginsWithPreface(isRefused: boolean): Promise<boolean> {
    const input = new Uint8Array(INPUT_BYTES);
    const before = this.received ?? input.subarray(0, 0);
    input.set(before);
    let length = before.length;
    try {
      for (;;) {
        if (!mayBegin(input.subarray(0, length), PREFACE)) return false;
        if (length >= PREFACE.length) return true;
        const phase = length === 0 && !isRefused ? "idle" : "head";
        if (phase !== this.#opening.phase) {
          this.#opening = { phase, since: Date.now() };
        }
        const count = await this.socket.read(input.subarray(length));
        if (count === null) return false;
        length += count;
      }
    } catch {
      // The next read fails as well.
      return false;
    } finally {
      this.received = input.subarray(0, length);
    }
  }

  async #readProxyHeader(): Promise<number> {
    const { admission, counters } = this.#context;
    const input = new Uint8Array(INPUT_BYTES);
    const header = await readProxyHeader(this.socket, input);
    if (header === undefined) {
      counters?.countRefusal("proxy_header");
      return CLOSED;
    }
    this.received = input.subarray(header.length, header.end);
    if (header.address === undefined) {
      this.client.isSender = false;
      return 0;
    }
    this.client.peer = this.client.address = header.address;
    return admission.identify(this);
  }

  /** Ends the connection at once if it is idle, otherwise after the current reply. See also {@linkcode Connection.closeIfSilent}. */
  stop(): void {
    this.isLast = true;
    this.#protocol?.stop();
  }

  /** Closes the connection if it waits for the client, which has sent nothing since `before`, in ms since the epoch. */
  closeIfSilent(before: number): void {
    if (this.#protocol !== undefined) this.#protocol.closeIfSilent(before);
    else if (this.#opening.since <= before) this.close();
  }

  /** Closes the connection now. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.socket.close();
  }

  /** Enforces the deadline of the current phase. The server calls this regularly, with `now` in ms since the epoch. */
  sweep(now: number): void {
    if (this.#isClosed) return;
    if (this.#protocol !== undefined) return this.#protocol.sweep(now);
    const { phase, since } = this.#opening;
    if (now < since + this.#context.deadlines[phase]) return;
    this.#context.counters?.countTimeout(phase);
    this.close();
  }
}
