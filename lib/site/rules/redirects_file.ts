/**
 * Parses `_redirects` in the format of Netlify and Cloudflare Pages: a rule on
 * each line, "from to status".
 *
 * @module
 */

import { quote } from "../../http/printable.ts";
import {
  FileProblems,
  linesOf,
  type Problem,
  type RedirectText,
} from "./texts.ts";

/** The status of a line without one, as on Netlify. */
const DEFAULT_STATUS = 301;

/** A status, and the mark of force. */
const STATUS = /^(\d{3})(!?)$/;

const DESTINATION = /^(?:\/|https?:)/i;

/**
 * Parses a `_redirects` file; messages call it `file`. Skips what is invalid, and reports it with its line. Never
 * throws.
 */
export function parseRedirectsFile(
  text: string,
  file: string,
): {
  readonly redirects: readonly RedirectText[];
  readonly problems: readonly Problem[];
} {
  const problems = new FileProblems(file);
  const redirects: RedirectText[] = [];
  for (const { text: line, where } of linesOf(text, file, problems)) {
    const rule = parseLine(line, where);
    if (typeof rule === "string") problems.add(where, rule);
    else redirects.push(rule);
  }
  return { redirects, problems: problems.list() };
}

/** Returns the rule of a line, or what is wrong with it. */
function parseLine(line: string, where: string): RedirectText | string {
  const words = wordsOf(line);
  // Browsers do not send fragments, and an empty query matches nothing in particular.
  const from = words[0]!.replace(/#.*$/, "").replace(/\?$/, "");
  if (!from.startsWith("/")) {
    return /^https?:/i.test(from)
      ? `Cannot use ${
        quote(from)
      }: rules for a single host are not supported; begin with "/"`
      : `Cannot use ${quote(from)}: a rule begins with a path`;
  }
  if (from.includes("?")) {
    return `Cannot use ${quote(from)}: rules cannot match a query`;
  }
  let at = 1;
  let to: string | undefined;
  if (at < words.length && !STATUS.test(words[at]!)) {
    to = words[at++]!;
    if (!DESTINATION.test(to)) {
      return to.includes("=")
        ? `Cannot use ${quote(to)}: rules cannot match query parameters`
        : `Cannot use ${
          quote(to)
        } as a destination: expected a path that begins with "/", or a URL`;
    }
  }
  const status = STATUS.exec(words[at] ?? "");
  if (status !== null) at++;
  if (at < words.length) return wordProblem(words[at]!);
  const code = status === null ? DEFAULT_STATUS : Number(status[1]);
  if (to?.startsWith("/.netlify/")) {
    return `Cannot use ${quote(to)}: only Netlify has this service`;
  }
  return { from, to, status: code, force: status?.[2] === "!", where };
}

/** Returns the words of a line before its comment. */
function wordsOf(line: string): string[] {
  const words = line.split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith("#"));
  return comment === -1 ? words : words.slice(0, comment);
}

/** Says why a word is invalid where it is. */
function wordProblem(word: string): string {
  const condition = /^(country|language|role|cookie)=/i.exec(word)?.[1];
  if (condition !== undefined) {
    return `Cannot use ${
      quote(word)
    }: conditions of ${condition} are not supported`;
  }
  return word.includes("=")
    ? `Cannot use ${quote(word)}: conditions are not supported`
    : `Cannot use ${quote(word)}: expected "from to status"`;
}
