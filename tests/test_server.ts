/**
 * A server in the process of the tests.
 *
 * @module
 */

import { Responder } from "../lib/respond.ts";
import type { Exchange } from "../lib/observe/exchange.ts";
import type { Deadlines, Handler } from "../lib/server/context.ts";
import { Server } from "../lib/server/server.ts";
import { DirectorySite } from "../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../lib/site/disk/directory_options.ts";
import { Policy, type PolicyOptions } from "../lib/site/policy.ts";
import { ReadableMetrics } from "./observe/snapshots.ts";
import { TestWatch, type WatchMode } from "./watch_mode.ts";

/** What may be different from a server as `main.ts` starts it. */
export interface TestServerOptions {
  readonly policy?: Partial<PolicyOptions>;
  readonly deadlines?: Deadlines;
  readonly connectionsMax?: number;
  readonly streamsMax?: number;
  /** Whether the server speaks HTTP/2, by prior knowledge. */
  readonly acceptsH2c?: boolean;
  /** For how many ms files are trusted; 0 unless said otherwise, so that changes show at once. */
  readonly revalidate?: number;
  /**
   * Whether a reply waits until the last change must show, or has a clock that says so; true unless said otherwise.
   * Such a clock makes a file that is being written look old.
   */
  readonly catchesUp?: boolean;
  /** What makes the replies, in place of the one that serves the files. */
  readonly respond?: Handler;
  /** How the site is watched; as `WATCH` says unless said otherwise. */
  readonly watch?: WatchMode;
  /** Receives each of the server's sockets before the server gets it. */
  readonly accepted?: (socket: Deno.Conn) => void;
}

/** A server in this process, on a port of its own. */
export class TestServer implements AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  readonly site: DirectorySite;
  /** What was counted so far. */
  readonly metrics = new ReadableMetrics();
  /** All exchanges so far. */
  readonly exchanges: Exchange[] = this.metrics.exchanges;
  /** Everything that was reported as the server's own fault. */
  readonly reports: unknown[] = [];
  /** Resolves when the server has ended. */
  readonly served: Promise<void>;
  readonly #watch: TestWatch;

  /** Serves the directory at an absolute path. */
  constructor(root: string, options: TestServerOptions = {}) {
    const {
      revalidate = 0,
      policy,
      watch,
      catchesUp = true,
      accepted,
      ...serverOptions
    } = options;
    this.#watch = new TestWatch(root, watch);
    this.site = new DirectorySite(root, {
      ...DIRECTORY_DEFAULTS,
      revalidate,
      changes: this.#watch.changes,
    });
    const responder = new Responder(this.site, new Policy(policy));
    const respond: Handler = (head, now) => responder.respond(head, now);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = listener.addr.port;
    if (accepted !== undefined) tellAccepted(listener, accepted);
    this.server = new Server(listener, {
      respond: catchesUp ? this.#watch.following(respond) : respond,
      refusal: (status) => responder.error(status),
      record: (exchange) => this.metrics.record(exchange),
      counters: this.metrics,
      report: (error) => this.reports.push(error),
      ...serverOptions,
    });
    this.served = this.server.serve();
  }

  /** The address of a path. */
  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(0);
    await this.served;
    this.site.close();
    await this.#watch.close();
  }
}

function tellAccepted(
  listener: Deno.TcpListener,
  accepted: (socket: Deno.Conn) => void,
): void {
  const accept = listener.accept.bind(listener);
  listener.accept = async () => {
    const socket = await accept();
    accepted(socket);
    return socket;
  };
}
