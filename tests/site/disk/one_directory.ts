/**
 * A site of one directory, and what a lister makes of it.
 *
 * @module
 */

import { assert } from "@std/assert";
import {
  Lister,
  type ListerOptions,
} from "../../../lib/site/listing/lister.ts";
import type { ListingFormat } from "../../../lib/site/listing/listing.ts";
import type { ListingOrder } from "../../../lib/site/listing/order.ts";
import {
  ABSENT,
  type AbsentResource,
  type DirectoryEntries,
  type FileResource,
  type RefusedResource,
  type Site,
} from "../../../lib/site/site.ts";

/** What listing a directory comes to. */
export type Listed = DirectoryEntries | AbsentResource | RefusedResource;

/** The time. */
export const NOW = Date.UTC(2026, 10, 20, 7, 12, 55);
/** The usual order. */
export const BY_NAME: ListingOrder = { by: "name", descending: false };

/** All listings that there are of a directory. */
export const KINDS: readonly (readonly [ListingFormat, ListingOrder])[] =
  (["html", "grid", "json", "text"] as const).flatMap((format) =>
    (["name", "size", "modified"] as const).flatMap((by) => [
      [format, { by, descending: false }] as const,
      [format, { by, descending: true }] as const,
    ])
  );

/** Files with these names. */
export function entriesOf(...names: readonly string[]): DirectoryEntries {
  const entries = names.map((name) => ({
    name,
    kind: "file" as const,
    size: name.length,
    modified: NOW,
  }));
  return { kind: "entries", realPath: "/", entries, isCut: false };
}

/** Makes a lister that hides nothing, unless the options say otherwise. */
export function listerOf(
  site: Site,
  options: Partial<ListerOptions> = {},
): Lister {
  return new Lister(site, {
    getViewer: (isPrivate) => ({
      isProtected: () => false,
      isOverruled: () => false,
      isPrivate,
    }),
    canDownload: false,
    getVersion: () => 0,
    readReadme: () => Promise.resolve(undefined),
    ...options,
  });
}

/** A site of one directory, which is told what is in it. */
export class OneDirectory implements Site {
  /** Paths that were listed. */
  readonly asked: string[] = [];
  /** What listing comes to. */
  listed: () => Promise<Listed> = () => Promise.resolve(entriesOf("a.txt"));

  lookup() {
    return ABSENT;
  }

  encode() {}

  decode(): 503 {
    return 503;
  }

  isReadable(): boolean {
    return true;
  }

  list(path: string): Promise<Listed> {
    this.asked.push(path);
    return this.listed();
  }
}

/** A listing, which must be there. */
export async function listed(
  lister: Lister,
  now: number,
  format: ListingFormat = "html",
  order: ListingOrder = BY_NAME,
  path = "/docs/",
): Promise<FileResource> {
  const found = await lister.list(path, order, format, now);
  assert(found.kind === "file");
  return found;
}

/** Runs with a clock for durations that only moves when it is told to. */
export async function withTimer(
  fn: (advance: (ms: number) => void) => Promise<void>,
): Promise<void> {
  const { now } = performance;
  let time = 1000;
  performance.now = () => time;
  try {
    await fn((ms) => time += ms);
  } finally {
    performance.now = now;
  }
}
