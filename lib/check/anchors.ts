/**
 * Whether pages have the anchors that links name. A page may be read long after
 * the links to it, so names are kept, as hashes: a site has millions.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { decodedText } from "./address.ts";
import type { FindingCollector, FindingPlace } from "./findings.ts";

/** Most names that are kept, of all pages together. Links to pages beyond are not judged. */
export const ANCHOR_NAMES_MAX = 20_000_000;

/** Most links that wait for their page to be read. Those beyond are not judged. */
export const WAITING_LINKS_MAX = 500_000;

interface WaitingLink {
  /** Hashes of the name as it is written, and percent-decoded: browsers try both (HTML standard §7.4.6.4). */
  readonly hashes: readonly number[];
  readonly name: string;
  readonly place: FindingPlace;
}

/** The anchors of the pages of a site. */
export class Anchors {
  readonly #findings: FindingCollector;
  /** Hashes of names, by the path of the file. */
  readonly #pages = new Map<string, ReadonlySet<number>>();
  readonly #waiting = new Map<string, WaitingLink[]>();
  #names = 0;
  #waitingCount = 0;

  /** Reports to a collector. */
  constructor(findings: FindingCollector) {
    this.#findings = findings;
  }

  /** Adds a page with its names. */
  addPage(file: string, names: readonly string[]): void {
    this.#names += names.length;
    if (this.#names > ANCHOR_NAMES_MAX) return;
    this.#pages.set(file, new Set(names.map(hashOf)));
    const waiting = this.#waiting.get(file);
    if (waiting === undefined) return;
    this.#waiting.delete(file);
    this.#waitingCount -= waiting.length;
    for (const each of waiting) this.#judge(file, each);
  }

  /** Adds a link to an anchor of a page. Judges it now or when the page comes. */
  addLink(file: string, fragment: string, place: FindingPlace): void {
    const name = nameIn(fragment);
    if (name === undefined) return;
    const hashes = [...new Set([name, decodedText(name)])].map(hashOf);
    const link = { hashes, name, place };
    if (this.#pages.has(file)) return this.#judge(file, link);
    if (this.#waitingCount >= WAITING_LINKS_MAX) return;
    this.#waitingCount++;
    const waiting = this.#waiting.get(file);
    if (waiting === undefined) this.#waiting.set(file, [link]);
    else waiting.push(link);
  }

  #judge(file: string, { hashes, name, place }: WaitingLink): void {
    const names = this.#pages.get(file)!;
    if (hashes.some((hash) => names.has(hash))) return;
    const message = `${quote(file)} has no anchor ${quote(`#${name}`)}`;
    this.#findings.add("dead-anchor", message, place);
  }
}

/**
 * Returns the name that a fragment refers to; undefined for the top of the page (HTML standard §7.4.6.4), a text
 * fragment alone, and what scripts read: routes of applications ("#/users", "#!users") and ranges of lines ("#L3-L9").
 */
function nameIn(fragment: string): string | undefined {
  const name = fragment.replace(/:~:.*$/s, "");
  if (name === "" || name.toLowerCase() === "top") return undefined;
  return /^[/!?]|^L?\d+-L?\d+$/i.test(name) ? undefined : name;
}

/** FNV-1a in 32 bits: for each name of a page, one dead anchor in four billion is missed. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash;
}
