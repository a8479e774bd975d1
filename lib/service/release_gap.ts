/**
 * Bridges the moment between the end of a release that is served and the next
 * one. Its folder is gone then, so all of its files seem to be missing. Loaded
 * with --releases only.
 *
 * @module
 */

import { after } from "../http/after.ts";
import type { RequestHead } from "../http/head.ts";
import type { Reply } from "../http/reply.ts";
import type { Client } from "../server/client.ts";
import type { Handler } from "../server/context.ts";

/** How long requests wait for the next release, in ms: enough for a look where the system reports no changes. */
const RELEASE_GAP_MS = 3_000;

/** Makes requests that find nothing wait for the next release, if the folder of the served one is gone. */
export class ReleaseGap {
  readonly #respond: Handler;
  #root: string;
  /** Resolves when the next release is served, or at the end of the wait; undefined if no request waits. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether requests have waited for this release in vain. */
  #isInVain = false;

  /** Begins with the root of a release. `respond` responds with whatever release is served. */
  constructor(root: string, respond: Handler) {
    this.#root = root;
    this.#respond = respond;
  }

  /** Returns the reply, or that of the next release if this one finds nothing because its folder is gone. */
  bridge(
    reply: Reply | Promise<Reply>,
    head: RequestHead,
    now: number,
    client: Client,
  ): Reply | Promise<Reply> {
    const root = this.#root;
    return after(
      reply,
      (reply) =>
        this.#isOfGap(reply, root)
          ? this.#respondLater(root, head, now, client)
          : reply,
    );
  }

  /** Whether a reply says that nothing is there because the release with this root is gone. */
  #isOfGap({ status }: Reply, root: string): boolean {
    if (status !== 404) return false;
    const isLast = root === this.#root && this.#isInVain;
    return !isLast && !isThere(root);
  }

  async #respondLater(
    root: string,
    head: RequestHead,
    now: number,
    client: Client,
  ): Promise<Reply> {
    // The next release may be served since the previous one made its reply.
    if (root === this.#root) await this.#wait();
    return this.#respond(head, now, client);
  }

  /** Lets requests go on with another release. */
  show(root: string): void {
    this.#root = root;
    this.#isInVain = false;
    this.#end();
  }

  /** Lets requests go on with what there is. */
  close(): void {
    this.#isInVain = true;
    this.#end();
  }

  #wait(): Promise<void> {
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers();
      this.#timer = setTimeout(() => this.close(), RELEASE_GAP_MS);
    }
    return this.#waiting.promise;
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}

function isThere(root: string): boolean {
  try {
    Deno.lstatSync(root);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
