/**
 * Says which release is served, and tells clients when another one is. Loaded
 * with --release-info only.
 *
 * @module
 */

import { EventHub, formatEvent, READERS_MAX } from "../http/event_stream.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { type Reply, reply } from "../http/reply.ts";
import { OWN_PATHS_START } from "../site/content/own_file.ts";
import type { ServiceHandler } from "../site/policy.ts";
import type { ReleaseSet } from "./plan.ts";

/** How soon clients come again when the connection ends, in ms. */
const RELEASE_RETRY_MS = 2_000;

/** Says which release is served. */
const RELEASE_PATH = `${OWN_PATHS_START}release`;

const ENCODER = new TextEncoder();

/** Replies to requests for the release. One for an isolate, however often the release changes. */
export class ReleaseEvents {
  readonly #hub: EventHub;
  #releases: ReleaseSet;

  /** Begins with the releases of a plan. `isolates` is in how many isolates there is one like it. */
  constructor(releases: ReleaseSet, isolates: number) {
    this.#releases = releases;
    this.#hub = new EventHub({
      readersMax: Math.ceil(READERS_MAX / isolates),
      greeting: () => this.#event(),
    });
  }

  /** Returns what replies for these releases, by its path. */
  services(releases: ReleaseSet): ReadonlyMap<string, ServiceHandler> {
    return new Map([[RELEASE_PATH, (head) => this.respond(head, releases)]]);
  }

  /** Returns the releases as JSON, or as events if the client wants those. */
  respond(head: RequestHead, releases: ReleaseSet): Reply {
    const accept = head.field(Field.Accept) ?? "";
    if (/\btext\/event-stream\b/i.test(accept)) return this.#hub.respond();
    const body = ENCODER.encode(`${textOf(releases)}\n`);
    return reply(200, [
      ["Content-Type", "application/json"],
      ["Cache-Control", "no-store"],
      ["Content-Length", String(body.length)],
    ], [body]);
  }

  /** Tells all clients, if another release comes first now. */
  show(releases: ReleaseSet): void {
    const isSame = textOf(releases) === textOf(this.#releases);
    this.#releases = releases;
    if (!isSame) this.#hub.tell(this.#event());
  }

  /** Ends all event streams. */
  close(): void {
    this.#hub.end();
  }

  #event(): Uint8Array {
    return formatEvent({
      name: "release",
      retry: RELEASE_RETRY_MS,
      data: textOf(this.#releases),
    });
  }
}

function textOf({ all, since }: ReleaseSet): string {
  const release = all[0]?.name;
  return JSON.stringify({ release, since: new Date(since).toISOString() });
}
