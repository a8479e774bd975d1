/**
 * Says which release is served, and tells clients when another one is. Loaded
 * with --release-info only.
 *
 * @module
 */

import { EventHub, formatEvent, READERS_MAX } from "../http/event_stream.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { preferredType } from "../http/media_range.ts";
import { type Reply, reply } from "../http/reply.ts";
import { OWN_PATHS_START } from "../site/content/own_file.ts";
import type { ServiceHandler } from "../site/policy.ts";
import type { ReleaseSet } from "./plan.ts";

/** How soon clients come again when the connection ends, in ms. */
const RELEASE_RETRY_MS = 2_000;

/** Says which release is served. */
const RELEASE_PATH = `${OWN_PATHS_START}release`;

const ENCODER = new TextEncoder();

const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";

/** The key for clients of the served release: no release has this name. */
const SERVED = "";

/** The clients that get the events of one release. */
interface Audience {
  readonly hub: EventHub;
  /** What they know. */
  text: string;
}

/** Replies to requests for the release. One for an isolate, however often the release changes. */
export class ReleaseEvents {
  readonly #readersMax: number;
  /** By {@linkcode SERVED}, or by the release that a preview shows. */
  readonly #audiences = new Map<string, Audience>();

  /** Begins with the releases of a plan. `isolates` is in how many isolates there is one like it. */
  constructor(releases: ReleaseSet, isolates: number) {
    this.#readersMax = Math.ceil(READERS_MAX / isolates);
    this.#audience(SERVED, releases);
  }

  /** Returns what replies for these releases, by its path. */
  services(
    releases: ReleaseSet,
    isPreview: boolean = false,
  ): ReadonlyMap<string, ServiceHandler> {
    return new Map([[
      RELEASE_PATH,
      (head) => this.respond(head, releases, isPreview),
    ]]);
  }

  /** Returns the releases as JSON, or as events if the client prefers those. */
  respond(
    head: RequestHead,
    releases: ReleaseSet,
    isPreview: boolean = false,
  ): Reply {
    const accept = head.field(Field.Accept);
    const type = preferredType(accept, [JSON_TYPE, EVENTS_TYPE]);
    if (type === EVENTS_TYPE) {
      const key = isPreview ? nameOf(releases) : SERVED;
      return this.#audience(key, releases).hub.respond();
    }
    const body = ENCODER.encode(`${textOf(releases)}\n`);
    return reply(200, [
      ["Content-Type", JSON_TYPE],
      ["Cache-Control", "no-store"],
      ["Content-Length", String(body.length)],
    ], [body]);
  }

  /** Tells all clients whose release is another one now. Those of a preview that is gone come again, and learn that. */
  show(releases: ReleaseSet): void {
    for (const [key, audience] of this.#audiences) {
      const set = key === SERVED
        ? releases
        : releases.previews?.find((each) => nameOf(each) === key);
      if (set !== undefined) tell(audience, set);
      else {
        audience.hub.end();
        this.#audiences.delete(key);
      }
    }
  }

  /** Ends all event streams. */
  close(): void {
    for (const { hub } of this.#audiences.values()) hub.end();
  }

  #audience(key: string, releases: ReleaseSet): Audience {
    const known = this.#audiences.get(key);
    if (known !== undefined) return known;
    const hub = new EventHub({
      readersMax: this.#readersMax,
      greeting: () => eventOf(audience.text),
    });
    const audience: Audience = { hub, text: textOf(releases) };
    this.#audiences.set(key, audience);
    return audience;
  }
}

function tell(audience: Audience, releases: ReleaseSet): void {
  const text = textOf(releases);
  if (text === audience.text) return;
  audience.text = text;
  audience.hub.tell(eventOf(text));
}

function eventOf(data: string): Uint8Array {
  return formatEvent({ name: "release", retry: RELEASE_RETRY_MS, data });
}

function nameOf({ all }: ReleaseSet): string {
  return all[0]!.name;
}

function textOf(releases: ReleaseSet): string {
  return JSON.stringify({
    release: nameOf(releases),
    since: new Date(releases.since).toISOString(),
  });
}
