/**
 * Proposes redirects for paths that are gone: to the file of another build, the
 * same name elsewhere, or the nearest name.
 *
 * @module
 */

import { encodePath } from "../http/target.ts";
import { compileRedirect } from "../site/rules/redirect_rules.ts";
import type { Problem } from "../site/rules/texts.ts";
import type { Fetcher } from "./answer.ts";

/** Most redirects that are proposed: an operator reads no more. */
export const PROPOSALS_MAX = 1000;

/** Most files that a path is compared with letter by letter. */
export const COMPARED_MAX = 20_000;

/**
 * Most work to compare paths letter by letter, in products of two lengths: some seconds. A log may have a million
 * paths, and those with the most requests come first.
 */
export const COMPARED_LETTERS_MAX = 5_000_000_000;

/** What it costs to look at a file that is not compared, in the same unit. */
const LOOK_LETTERS = 200;

/** Most wrong letters of a name, as a part of its length: more make another name. */
const WRONG_LETTERS_MAX = 0.2;

/** A line for `_redirects`. */
export interface Proposal {
  /** Decoded path that is gone. */
  readonly path: string;
  /** The line. */
  readonly line: string;
  /** Why this destination. */
  readonly reason: string;
}

/** What proposals are made from. */
export interface ProposalDeps {
  /** Decoded paths of the files. */
  readonly files: readonly string[];
  /** The name of index files. */
  readonly index: string;
  readonly ask: Fetcher;
  /** The number of letters in which two texts differ. */
  readonly distance: (a: string, b: string) => number;
}

/** Proposes redirects for paths. Each leads to a page that is there, and is not redirected itself. */
export async function proposeRedirects(
  paths: readonly string[],
  deps: ProposalDeps,
): Promise<Proposal[]> {
  const names = new NameIndex(deps);
  const proposals: Proposal[] = [];
  for (const path of paths) {
    if (proposals.length >= PROPOSALS_MAX) break;
    const found = names.nearest(path);
    if (found === undefined) continue;
    const { file, reason } = found;
    const destination = addressOf(file, deps.index);
    const line = lineOf(path, destination);
    if (line === undefined || !await isPlain(deps.ask, destination)) continue;
    proposals.push({ path, line, reason });
  }
  return proposals;
}

/** Whether an address is answered at once: a redirect to it can make no circle. */
async function isPlain(ask: Fetcher, path: string): Promise<boolean> {
  const { status } = await ask(encodePath(path), "document");
  return status === 200;
}

/** The address of a file: that of its directory for an index. */
function addressOf(file: string, index: string): string {
  return file.endsWith(`/${index}`) ? file.slice(0, -index.length) : file;
}

/** Writes a line that matches only this path; undefined if no rule can. */
function lineOf(path: string, destination: string): string | undefined {
  const from = literal(path);
  const to = literal(destination);
  const bare = (text: string) =>
    text.length > 1 ? text.replace(/\/$/, "") : text;
  if (bare(path) === bare(destination)) return undefined;
  const problems: Problem[] = [];
  const text = { from, to, status: 301, force: false, where: "" };
  const rule = compileRedirect(text, problems);
  return rule === undefined ? undefined : `${from}  ${to}  301`;
}

/** Encodes a path so that no character of it means something in a rule. */
function literal(path: string): string {
  return encodePath(path).replaceAll("*", "%2A").replaceAll(":", "%3A");
}

interface NearestPath {
  readonly file: string;
  readonly reason: string;
}

/** The files by what their names have in common. */
class NameIndex {
  readonly #files: readonly string[];
  readonly #distance: ProposalDeps["distance"];
  /** By key; undefined where several files have it. */
  readonly #byKey = new Map<string, string | undefined>();
  /** Work that is left of {@linkcode COMPARED_LETTERS_MAX}. */
  #letters = COMPARED_LETTERS_MAX;

  constructor({ files, index, distance }: ProposalDeps) {
    this.#files = files;
    this.#distance = distance;
    for (const file of files) {
      const forms = [file, addressOf(file, index)];
      const keys = forms.flatMap((form) => keysOf(form).map(([key]) => key));
      for (const key of new Set(keys)) {
        this.#byKey.set(key, this.#byKey.has(key) ? undefined : file);
      }
    }
  }

  /** Returns the file that a path probably means; undefined if none or several could be. */
  nearest(path: string): NearestPath | undefined {
    for (const [key, reason] of keysOf(path)) {
      const file = this.#byKey.get(key);
      if (file !== undefined) return { file, reason };
    }
    return this.#similar(path);
  }

  /** The only file in a few letters' distance, of the same type; undefined as well once that takes too much work. */
  #similar(path: string): NearestPath | undefined {
    const extension = extensionOf(path);
    const most = Math.floor(path.length * WRONG_LETTERS_MAX);
    let best: string | undefined;
    let errors = most + 1;
    let isAlone = false;
    let compared = 0;
    for (const file of this.#files) {
      if (this.#letters <= 0) return undefined;
      this.#letters -= LOOK_LETTERS;
      if (Math.abs(file.length - path.length) > most) continue;
      const its = extensionOf(file);
      if (its !== extension && !(isPage(extension) && isPage(its))) continue;
      if (++compared > COMPARED_MAX) break;
      this.#letters -= path.length * file.length;
      const distance = this.#distance(path, file);
      if (distance > errors) continue;
      isAlone = distance < errors;
      best = file;
      errors = distance;
    }
    return best !== undefined && isAlone
      ? { file: best, reason: "nearest name" }
      : undefined;
  }
}

function extensionOf(path: string): string {
  return /\.(\w{1,11})$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** Whether an extension is one of pages: of files, and of programs that made pages. */
function isPage(extension: string): boolean {
  return /^(?:|x?html?|php\d?|aspx?|jsp|cgi|shtml)$/.test(extension);
}

/** What comes after the stem of a name that a build made: `-BmOXrCbS`, `.1f0c9a7e`, `.min`. */
const HASH = /(?:[-._](?=[\w-]*[\dA-Z])[\w]{6,}|[-.][0-9a-f]{8,})(?=\.|$)/g;

/** The keys of a path, the strictest first: only a file with the same key can be meant. */
function keysOf(path: string): (readonly [key: string, reason: string])[] {
  const bare = path.replace(/\/$/, "").toLowerCase();
  const slash = bare.lastIndexOf("/");
  const [directory, name] = [bare.slice(0, slash), bare.slice(slash + 1)];
  const extension = extensionOf(name);
  const page = isPage(extension);
  const stem = page
    ? name.slice(0, extension === "" ? undefined : -extension.length - 1)
    : name;
  const type = page ? "page" : extension;
  const original = path.slice(path.lastIndexOf("/") + 1);
  const plain = page ? stem : original.replace(HASH, "").toLowerCase();
  return [
    [`same ${directory}/${stem} ${type}`, "same name"],
    ...page ? [] : [
      [
        `hash ${directory}/${plain} ${type}`,
        "same name without its hash",
      ] as const,
    ],
    ...stem.length > 2 && stem !== "index"
      ? [[`name ${stem} ${type}`, "same name in another directory"] as const]
      : [],
  ];
}
