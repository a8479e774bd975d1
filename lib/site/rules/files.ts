/**
 * The files in the root of a site that say how it is to be served: found as any
 * file is, and read once. No client sees them.
 *
 * @module
 */

import { SourceChanged } from "../../http/reply.ts";
import { parseHeadersFile } from "./headers_file.ts";
import { RULE_FILES } from "../hidden.ts";
import { parseRedirectsFile } from "./redirects_file.ts";
import type { Problem, RuleDefinitions } from "./texts.ts";
import type { Site, Variant } from "../site.ts";

/** Largest such file, in bytes: as many rules as are allowed fit in when they are of usual length. */
export const RULE_FILE_BYTES_MAX: number = 4 * 1024 * 1024;

const DECODER = new TextDecoder();

/** What the rules of a site are read from. */
export interface RuleFileSource extends Pick<Site, "lookup"> {
  /** Whether anything bears the name of this path, even what lookup never finds: a link that leads out, a pipe. */
  hasName(path: string): boolean;
}

/**
 * Reads the rules that a site brings with it. What cannot be used is left out and named: a file that is there is never
 * taken for none. `now` is in ms since the epoch.
 */
export function readRuleFiles(
  site: RuleFileSource,
  now: number,
): { readonly texts: RuleDefinitions; readonly problems: readonly Problem[] } {
  const [headersFile, redirectsFile] = RULE_FILES as [string, string];
  const headers = read(site, headersFile, now);
  const redirects = read(site, redirectsFile, now);
  const fromHeaders = parseHeadersFile(headers.text, headersFile);
  const fromRedirects = parseRedirectsFile(redirects.text, redirectsFile);
  return {
    texts: {
      headers: fromHeaders.headers,
      redirects: fromRedirects.redirects,
      errorPages: [],
    },
    problems: [
      ...headers.problems,
      ...redirects.problems,
      ...fromHeaders.problems,
      ...fromRedirects.problems,
    ],
  };
}

/** Text of a file in the root; empty when there is none. */
function read(
  site: RuleFileSource,
  file: string,
  now: number,
): { readonly text: string; readonly problems: readonly Problem[] } {
  const found = site.lookup(`/${file}`, now);
  const fail = (reason: string) => ({
    text: "",
    problems: [{ where: file, text: `Cannot use its rules: ${reason}` }],
  });
  if (found.kind === "refused") return fail("the file cannot be read");
  if (found.kind === "directory") return fail("it is a directory");
  // Encoded rules are not read: nothing could be said of them at the start without decoding them.
  const isEncoded = found.kind === "file" && found.identity === undefined;
  if (found.kind === "absent" || isEncoded) {
    return site.hasName(`/${file}`)
      ? fail(
        "it is not a regular file, or a link to nothing or out of the root",
      )
      : { text: "", problems: [] };
  }
  const identity = found.identity!;
  if (identity.length > RULE_FILE_BYTES_MAX) {
    return fail(`the file has more than ${RULE_FILE_BYTES_MAX} bytes`);
  }
  const bytes = bytesOf(identity);
  if (bytes === undefined) return fail("the file changed while it was read");
  return { text: DECODER.decode(bytes), problems: [] };
}

/** All of a file's content; undefined when it changes meanwhile. */
function bytesOf(variant: Variant): Uint8Array | undefined {
  const content = variant.slice(0, variant.length);
  if (content instanceof Uint8Array) return content;
  try {
    const bytes = new Uint8Array(content.length);
    const reader = content.open();
    try {
      for (let at = 0; at < bytes.length;) {
        at += reader.read(bytes.subarray(at));
      }
      return bytes;
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof SourceChanged) return undefined;
    throw error;
  }
}
