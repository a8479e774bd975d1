/**
 * Reads the rule files in a site's root once. They are found like any file, but
 * clients cannot request them.
 *
 * @module
 */

import { beginningOf } from "../read_content.ts";
import { parseHeadersFile } from "./headers_file.ts";
import { RULE_FILES } from "../hidden.ts";
import { parseRedirectsFile } from "./redirects_file.ts";
import type { Problem, RuleDefinitions } from "./texts.ts";
import type { FileResource, Site } from "../site.ts";

/** Largest rule file in bytes: enough for as many rules as are allowed, at their usual length. */
export const RULE_FILE_BYTES_MAX: number = 4 * 1024 * 1024;

const DECODER = new TextDecoder();

/** The part of a site from which rules are read. */
export interface RuleFileSource extends Pick<Site, "lookup"> {
  /** Whether anything has this name, even what lookup never finds: a link that leads out, a pipe. */
  hasName(path: string): boolean;
  /**
   * Returns the content of a file that an archive has only in compressed form; undefined if it is damaged or has more
   * than that many bytes.
   */
  unpack?(file: FileResource, bytesMax: number): Uint8Array | undefined;
}

/**
 * Reads the rules of a site. Ignores and reports what is invalid, and reports a rule file that exists but cannot be
 * used. `now` is in milliseconds since the epoch.
 */
export function readRuleFiles(
  site: RuleFileSource,
  now: number,
): { readonly texts: RuleDefinitions; readonly problems: readonly Problem[] } {
  const [headersFile, redirectsFile] = RULE_FILES as [string, string];
  const problems: Problem[] = [];
  const headersText = read(site, headersFile, now, problems);
  const redirectsText = read(site, redirectsFile, now, problems);
  const fromHeaders = parseHeadersFile(headersText, headersFile);
  const fromRedirects = parseRedirectsFile(redirectsText, redirectsFile);
  return {
    texts: {
      headers: fromHeaders.headers,
      redirects: fromRedirects.redirects,
      errorPages: [],
    },
    problems: [
      ...problems,
      ...fromHeaders.problems,
      ...fromRedirects.problems,
    ],
  };
}

/** Returns the text of a file in the root; empty if there is none, or if it cannot be used: then adds the reason. */
function read(
  site: RuleFileSource,
  file: string,
  now: number,
  problems: Problem[],
): string {
  const path = `/${file}`;
  const found = site.lookup(path, now);
  const fail = (reason: string) => {
    problems.push({ where: file, text: `Cannot use its rules: ${reason}` });
    return "";
  };
  if (found.kind === "refused") return fail("the file cannot be read");
  if (found.kind === "directory") return fail("it is a directory");
  // In an archive. Elsewhere what is encoded has another name, lies beside what has this one, and is not read.
  const isPacked = found.kind === "file" && found.identity === undefined &&
    found.realPath === path && site.unpack !== undefined;
  if (isPacked) {
    const bytes = site.unpack!(found, RULE_FILE_BYTES_MAX);
    if (bytes === undefined) {
      return fail(
        `it is damaged, or has more than ${RULE_FILE_BYTES_MAX} bytes`,
      );
    }
    return DECODER.decode(bytes);
  }
  if (found.kind === "absent" || found.identity === undefined) {
    if (!site.hasName(path)) return "";
    return fail(
      "it is not a regular file, or a link to nothing or out of the root",
    );
  }
  const { identity } = found;
  if (identity.length > RULE_FILE_BYTES_MAX) {
    return fail(`the file has more than ${RULE_FILE_BYTES_MAX} bytes`);
  }
  const bytes = beginningOf(identity, identity.length);
  if (bytes === undefined) return fail("the file changed while it was read");
  return DECODER.decode(bytes);
}
