/**
 * What a folder says about itself below its listing: its README, read as a
 * direct request of the same client would read it.
 *
 * @module
 */

import { copyOf } from "./read_content.ts";
import { Finder } from "./find.ts";
import type { ReadmeRequest } from "./listing/lister.ts";
import type { Readme } from "./listing/listing.ts";
import { textOf } from "./listing/names.ts";
import type { Policy } from "./policy.ts";
import type { DirectoryEntry, FileResource, Site } from "./site.ts";

/** Longer files are not shown below a listing, in bytes. */
export const README_BYTES_MAX = 65_536;

/** In the order of preference. */
const NAMES = [/^readme\.(?:md|markdown)$/i, /^readme\.txt$/i, /^readme$/i];

/** Returns the entry to show; undefined if there is none of a length that can be shown. */
export function chooseReadme(
  entries: readonly DirectoryEntry[],
): DirectoryEntry | undefined {
  const candidates = entries.filter(({ name, kind, size }) =>
    kind === "file" && size > 0 && size <= README_BYTES_MAX &&
    NAMES.some((pattern) => pattern.test(name))
  ).sort((a, b) => a.name < b.name ? -1 : 1);
  for (const pattern of NAMES) {
    const found = candidates.find(({ name }) => pattern.test(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Reads the README among the entries of a folder; undefined if there is none that a direct request would get, or if it
 * cannot be shown.
 */
export async function readReadme(
  site: Site,
  policy: Policy,
  { path, entries, isPrivate, now }: ReadmeRequest,
): Promise<Readme | undefined> {
  const name = chooseReadme(entries)?.name;
  if (name === undefined) return undefined;
  const found = new Finder(site, policy).findDirect(path + name, now);
  const current = await found?.awaitWriter?.(now) ?? found;
  if (current?.kind !== "file") return undefined;
  if (!isPrivate && policy.isProtected(current)) return undefined;
  const text = await read(current);
  return text === undefined ? undefined : render(name, text);
}

/** Reads a file; undefined if it is too long, only encoded, or cannot be read now. */
async function read({ identity }: FileResource): Promise<string | undefined> {
  if (identity === undefined || identity.length > README_BYTES_MAX) {
    return undefined;
  }
  const bytes = await copyOf(identity);
  return bytes && new TextDecoder().decode(bytes);
}

async function render(name: string, text: string): Promise<Readme | undefined> {
  if (!NAMES[0]!.test(name)) return { name, html: plainHtml(text) };
  const { renderMarkdown } = await import("./markdown/markdown.ts");
  // Below the folder's name, and the README's own.
  const html = renderMarkdown(text, 2)?.html;
  return html === undefined ? undefined : { name, html };
}

/** Renders plain text; only line ends and tabs keep their meaning. */
function plainHtml(text: string): string {
  const lines = text.split(/\r\n?|\n/).map((line) =>
    line.split("\t").map(textOf).join("\t")
  );
  return `<pre>${lines.join("\n")}</pre>`;
}
