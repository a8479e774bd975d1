/**
 * Listings as resources: made from a directory's entries, kept for a moment,
 * and then sent, validated and cut into ranges like any file.
 *
 * @module
 */

import type { FieldLine } from "../http/reply.ts";
import { Cache } from "./cache.ts";
import { isRuleFile } from "./hidden.ts";
import { type OwnFields, SiteFile } from "./file.ts";
import {
  LISTING_ENTRIES_MAX,
  listingHtml,
  listingJson,
  type ListingOrder,
} from "./listing.ts";
import {
  SCRIPT,
  SCRIPT_PATH,
  STYLESHEET,
  STYLESHEET_PATH,
} from "./listing_assets.ts";
import type { PolicyOptions } from "./policy.ts";
import type { FileResource, Site } from "./site.ts";
import type { Unreadable } from "./disk.ts";
import { MemoryVariant } from "./variant.ts";

/** A listing that took so many ms to make is kept for this many times as long, so that making it again and again cannot fill the day. */
const KEEP_FACTOR = 20;

/** Shortest time a listing is kept, in ms. */
const KEEP_MS_MIN = 100;

/** Bounds of the listings that are kept. */
const KEPT_MAX = { entries: 64, bytes: 16 * 1024 * 1024 };

/** What skiff's own pages may load: their own style and script, and the icons in the style. */
const PAGE_POLICY: FieldLine = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
];

const ENCODER = new TextEncoder();

/** The formats of a listing. */
export type ListingFormat = "html" | "json";

interface Kept {
  readonly made: Promise<FileResource | Unreadable>;
  /** From when on it may be given, in ms since the epoch; later than now when the clock was set back. */
  since: number;
  /** When it is to be made anew, in ms since the epoch; Infinity while it is being made. */
  expires: number;
}

/** Makes listings of a site's directories. */
export class Lister {
  readonly #site: Site;
  readonly #kept = new Cache<Kept>(KEPT_MAX);

  /** A lister of the directories of a site. */
  constructor(site: Site) {
    this.#site = site;
  }

  /** The listing of the directory at a decoded path that ends with "/". Whoever asks while it is being made shares it. */
  list(
    path: string,
    order: ListingOrder,
    format: ListingFormat,
    now: number,
  ): Promise<FileResource | Unreadable> {
    const key = `${format} ${order.by} ${order.descending} ${path}`;
    const known = this.#kept.get(key);
    if (
      known !== undefined && now >= known.since && now < known.expires
    ) return known.made;
    const began = performance.now();
    const made = this.#make(path, order, format);
    const kept: Kept = { made, since: -Infinity, expires: Infinity };
    this.#kept.set(key, kept, path.length);
    made.then((resource) => {
      const took = performance.now() - began;
      kept.since = now;
      kept.expires = now + took + Math.max(KEEP_MS_MIN, KEEP_FACTOR * took);
      if (resource.kind !== "file") this.#kept.delete(key);
      else this.#kept.resize(key, resource.identity.length);
    }, () => this.#kept.delete(key));
    return made;
  }

  async #make(
    path: string,
    order: ListingOrder,
    format: ListingFormat,
  ): Promise<FileResource | Unreadable> {
    const found = await this.#site.list(path);
    if (found.kind !== "entries") return found;
    const { isCut } = found;
    const entries = found.entries.filter(({ name }) =>
      !isRuleFile(path + name)
    );
    const truncatedAt = isCut ? LISTING_ENTRIES_MAX : undefined;
    const listing = { path, entries, truncatedAt, order };
    const isHtml = format === "html";
    const text = isHtml ? listingHtml(listing) : listingJson(listing);
    const type = isHtml ? "text/html" : "application/json";
    return ownFile(path, text, {
      contentType: `${type}; charset=UTF-8`,
      varies: ["Accept"],
      fields: isHtml ? [PAGE_POLICY] : [],
    });
  }
}

/** A file that is no site's, but skiff's own. It has no Last-Modified worth the name, but a tag. */
function ownFile(path: string, text: string, own: OwnFields = {}): SiteFile {
  const content = new MemoryVariant(ENCODER.encode(text));
  return new SiteFile(path, content, undefined, false, own);
}

/** What all paths of assets begin with. */
const ASSETS_START = "/.skiff/";

/** Made for each policy anew: a variant keeps the replies that were prepared with it. */
const ASSETS = new WeakMap<PolicyOptions, ReadonlyMap<string, FileResource>>();

function makeAssets(): ReadonlyMap<string, FileResource> {
  return new Map([
    [STYLESHEET_PATH, ownFile(STYLESHEET_PATH, STYLESHEET)],
    [SCRIPT_PATH, ownFile(SCRIPT_PATH, SCRIPT)],
  ]);
}

/** What listings load. No site can have files at these paths, because their first segment begins with a dot. */
export function listingAsset(
  path: string,
  policy: PolicyOptions,
): FileResource | undefined {
  if (!path.startsWith(ASSETS_START)) return undefined;
  let assets = ASSETS.get(policy);
  if (assets === undefined) ASSETS.set(policy, assets = makeAssets());
  return assets.get(path);
}
