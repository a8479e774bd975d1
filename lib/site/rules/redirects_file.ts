/**
 * The `_redirects` file that Netlify and Cloudflare Pages read: a rule on each
 * line, "from to status".
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

/** The status of a line that names none, as with Netlify. */
const DEFAULT_STATUS = 301;

/** A status, and the mark of force. */
const STATUS = /^(\d{3})(!?)$/;

/** What a line may lead to. */
const DESTINATION = /^(?:\/|https?:)/i;

/** Reads a `_redirects` file, which messages call `file`. What cannot be used is left out, and named with its line. Never throws. */
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

/** The rule of a line, or what is wrong with it. */
function parseLine(line: string, where: string): RedirectText | string {
  const words = wordsOf(line);
  // Browsers keep fragments to themselves, and an empty query asks for nothing.
  const from = words[0]!.replace(/#.*$/, "").replace(/\?$/, "");
  if (!from.startsWith("/")) {
    return /^https?:/i.test(from)
      ? `Cannot use ${
        quote(from)
      }: rules for one host alone are not supported; begin with "/"`
      : `Cannot use ${quote(from)}: a rule begins with a path`;
  }
  if (from.includes("?")) {
    return `Cannot use ${
      quote(from)
    }: a rule cannot ask for a query, and without it would be for every one`;
  }
  let at = 1;
  let to: string | undefined;
  if (at < words.length && !STATUS.test(words[at]!)) {
    to = words[at++]!;
    if (!DESTINATION.test(to)) {
      return to.includes("=")
        ? `Cannot use ${quote(to)}: a rule cannot ask for query parameters`
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
    return `Cannot use ${quote(to)}: it is a service of Netlify's`;
  }
  return { from, to, status: code, force: status?.[2] === "!", where };
}

/** What stands on a line before a comment. */
function wordsOf(line: string): string[] {
  const words = line.split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith("#"));
  return comment === -1 ? words : words.slice(0, comment);
}

/** Why a word does not belong where it stands. */
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
