/**
 * One listener's accept loop: it goes on whatever happens, until it is closed.
 *
 * @module
 */

/** How long accepting pauses when the system cannot give another descriptor, in ms. */
const ACCEPT_PAUSE_MS = 250;

/** How often a failure to accept is reported, in ms. */
const COMPLAINT_MS = 10_000;

/** For how long nothing must have come to a listener that is no longer wanted, in ms. */
const RETIRE_MS = 100;

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
  #accepted = 0;
  #complainedAt = -Infinity;
  #isClosed = false;
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
        this.#options.welcome(await this.#listener.accept());
        this.#accepted++;
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

  /** Ends it once nothing has come for a moment: what waits to be accepted when a listener closes is lost. */
  retire(): void {
    const before = this.#accepted;
    this.#timer = setTimeout(() => {
      if (this.#accepted === before) this.close();
      else this.retire();
    }, RETIRE_MS);
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

/** Whether an error says that a client has gone before it was accepted, which is nobody's fault. */
function hasLeft(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
