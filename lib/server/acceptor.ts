/**
 * One listener's accept loop: it goes on whatever happens, until it is closed.
 *
 * @module
 */

/** How long accepting pauses when the system cannot give another descriptor, in ms. */
const ACCEPT_PAUSE_MS = 250;

/** How often a failure to accept is reported, in ms. */
const COMPLAINT_MS = 10_000;

/** For how long a listener that is no longer wanted waits for a connection, in ms. */
const RETIRE_MS = 100;

/** After so many turns of the microtask queue an accept that was ready at once has told; two are enough. */
const READY_TURNS = 8;

/** What an acceptor tells of. */
export interface AcceptorOptions {
  /** Takes a connection. */
  readonly welcome: (socket: Deno.Conn) => void;
  /** Gives up descriptors that are held only for speed. */
  readonly relieve: () => void;
  /** Is told why connections cannot be accepted, once in a while. */
  readonly report: (text: string) => void;
}

/** Accepts the connections of a listener, which it closes. */
export class Acceptor {
  readonly #listener: Deno.Listener;
  readonly #options: AcceptorOptions;
  #complainedAt = -Infinity;
  #isClosed = false;
  #isRetiring = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** An acceptor for a listener. */
  constructor(listener: Deno.Listener, options: AcceptorOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Accepts until {@linkcode Acceptor.close}. Never rejects. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const accepting = this.#listener.accept();
        if (this.#isRetiring && !await isReady(accepting)) this.close();
        this.#options.welcome(await accepting);
      } catch (error) {
        if (this.#isClosed) return;
        if (!hasLeft(error)) await this.#pause(error);
      }
    }
  }

  /** Ends it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#listener.close();
  }

  /**
   * Ends it in the moment in which no connection waits: those that do are lost when a listener closes. Under load
   * there is no quiet time to wait for, but right after a connection the system has told that it was the last one.
   */
  retire(): void {
    this.#isRetiring = true;
    this.#timer = setTimeout(() => this.close(), RETIRE_MS);
  }

  /** Most likely descriptors have run out; said once in a while, because it goes on until clients leave. */
  async #pause(error: unknown): Promise<void> {
    const now = Date.now();
    if (now - this.#complainedAt >= COMPLAINT_MS) {
      this.#complainedAt = now;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.report(
        `Cannot accept connections for the moment: ${reason}`,
      );
    }
    this.#options.relieve();
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
  }
}

/** Whether something is settled already, without waiting for what is not. */
async function isReady(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => isSettled = true;
  promise.then(settle, settle);
  for (let turn = 0; turn < READY_TURNS && !isSettled; turn++) await undefined;
  return isSettled;
}

/** Whether an error says that a client has gone before it was accepted, which is nobody's fault. */
function hasLeft(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
