/**
 * Which release a request asks to see in place of the one that is served.
 *
 * @module
 */

import { authorityOf, hostIn, LastHost } from "../access/hosts.ts";
import { EVERY_RELEASE, type Preview } from "../cli/preview.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { previewHost } from "./preview_hosts.ts";

/** The cookie that names a preview. */
export const PREVIEW_COOKIE = "skiff-preview";

/** The release that a request asks to see. */
export interface ChosenPreview {
  /** Its name; undefined if the host is that of no release. */
  readonly release: string | undefined;
  /** What of the request names it. */
  readonly by: Preview["by"];
}

/** Chooses previews as options say. */
export class PreviewChoice {
  /** Releases by their hosts. */
  readonly #hosts = new Map<string, string>();
  /** What follows the label of a release in hosts, with its dot. */
  readonly #parents: string[] = [];
  /** Releases by the values of the cookie. */
  readonly #words = new Map<string, string>();
  /** Names by the labels that stand for them in hosts. */
  readonly #labels = new Map<string, string>();
  /** The last host that names no preview. */
  readonly #other = new LastHost();

  /**
   * Chooses among releases with these names, the first of them if several have the same label. Throws a PlanError for
   * a host that is invalid.
   */
  constructor(previews: readonly Preview[], names: readonly string[]) {
    for (const name of [...names].reverse()) {
      this.#labels.set(labelOf(name), name);
    }
    for (const { release, by, key } of previews) {
      if (by === "cookie") this.#words.set(key, release);
      else if (release === EVERY_RELEASE) {
        this.#parents.push(previewHost(key).slice("*".length));
      } else this.#hosts.set(previewHost(key), release);
    }
  }

  /** Returns what a request asks to see; undefined for the release that is served. A host decides before a cookie. */
  of(head: RequestHead): ChosenPreview | undefined {
    return this.#byHost(head) ?? this.#byCookie(head);
  }

  #byHost(head: RequestHead): ChosenPreview | undefined {
    if (this.#other.isOf(head)) return undefined;
    const host = hostIn(authorityOf(head) ?? "");
    if (host !== undefined) {
      const release = this.#hosts.get(host);
      if (release !== undefined) return { release, by: "host" };
      for (const parent of this.#parents) {
        if (!host.endsWith(parent)) continue;
        const label = host.slice(0, -parent.length);
        return { release: this.#labels.get(label), by: "host" };
      }
    }
    this.#other.remember(head);
    return undefined;
  }

  #byCookie(head: RequestHead): ChosenPreview | undefined {
    if (this.#words.size === 0) return undefined;
    const word = cookieIn(head.field(Field.Cookie) ?? "", PREVIEW_COOKIE);
    const release = word === undefined ? undefined : this.#words.get(word);
    return release === undefined ? undefined : { release, by: "cookie" };
  }
}

/** The label of a release in hosts: "v1-2" for "v1.2". Runs of what no host has become a dash. */
export function labelOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** The value of the first cookie of a name in a Cookie field (RFC 6265 §4.2.1), without its quotes; undefined if there is none. */
export function cookieIn(field: string, name: string): string | undefined {
  // Lines that a client repeats are joined with commas, which no cookie has.
  for (const pair of field.split(/[;,]/)) {
    const end = pair.indexOf("=");
    if (end === -1 || pair.slice(0, end).trim() !== name) continue;
    return pair.slice(end + 1).trim().replace(/^"(.*)"$/, "$1");
  }
  return undefined;
}
