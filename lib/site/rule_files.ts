/**
 * The files in the root of a site that say how it is to be served: found as any
 * file is, and read once. No client sees them.
 *
 * @module
 */

import { parseHeadersFile } from "./headers_file.ts";
import { RULE_FILES } from "./hidden.ts";
import { parseRedirectsFile } from "./redirects_file.ts";
import type { Problem, RuleTexts } from "./rule_texts.ts";
import type { Site } from "./site.ts";

/** Largest such file, in bytes: as many rules as are allowed fit in when they are of usual length. */
export const RULE_FILE_BYTES_MAX: number = 4 * 1024 * 1024;

const DECODER = new TextDecoder();

/** Reads the rules that a site brings with it. What cannot be used is left out and named. `now` is in ms since the epoch. */
export function readRuleFiles(
  site: Site,
  now: number,
): { readonly texts: RuleTexts; readonly problems: readonly Problem[] } {
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
  site: Site,
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
  if (found.kind === "absent") return { text: "", problems: [] };
  const { identity } = found;
  if (identity.length > RULE_FILE_BYTES_MAX) {
    return fail(`the file has more than ${RULE_FILE_BYTES_MAX} bytes`);
  }
  const content = identity.slice(0, identity.length);
  const bytes = content instanceof Uint8Array
    ? content
    : new Uint8Array(content.length);
  if (!(content instanceof Uint8Array)) {
    const reader = content.open();
    try {
      for (let at = 0; at < bytes.length;) {
        at += reader.read(bytes.subarray(at));
      }
    } finally {
      reader.close();
    }
  }
  return { text: DECODER.decode(bytes), problems: [] };
}
