/**
 * Preconditions and what they get (RFC 9110 §13), as a table for probes.
 *
 * @module
 */

import {
  laterDate,
  type Lines,
  OLD_DATE,
  OTHER_TAG,
  type ProbeFile,
  type ProbeLevel,
  request,
  skip,
  weakTag,
} from "./probe.ts";

/**
 * What a row needs of the file: without it, it does not apply. "strong" is a strong tag, the only one that a strong
 * comparison finds equal; "letters" are those of a tag.
 */
type FileNeed = "etag" | "strong" | "letters" | "modified" | "both" | "nothing";

/** A condition, and the status that it gets. */
export interface PreconditionCase {
  readonly section: string;
  readonly title: string;
  readonly needs: FileNeed;
  readonly level: ProbeLevel;
  readonly lines: (file: { etag: string; modified: string }) => Lines;
  readonly status: number;
}

function row(
  section: string,
  title: string,
  needs: FileNeed,
  status: number,
  lines: PreconditionCase["lines"],
  level: ProbeLevel = "must",
): PreconditionCase {
  return {
    section: `RFC 9110 §${section}`,
    title,
    needs,
    level,
    status,
    lines,
  };
}

const strong = (etag: string) => etag.replace(/^W\//, "");

/** A date in the two older forms that recipients must understand (RFC 9110 §5.6.7). */
function obsolete(date: string): { rfc850: string; asctime: string } {
  const [, day, month, year, time] =
    /^\w+, (\d\d) (\w+) (\d+) ([\d:]+) GMT$/.exec(date) ?? [];
  const weekday = new Date(date).toLocaleDateString("en-US", {
    weekday: "long",
    timeZone: "UTC",
  });
  return {
    rfc850: `${weekday}, ${day}-${month}-${year?.slice(2)} ${time} GMT`,
    asctime: `${weekday.slice(0, 3)} ${month} ${
      day?.replace(/^0/, " ")
    } ${time} ${year}`,
  };
}

/** Conditions that requests have, and what they get. */
export const PRECONDITIONS: readonly PreconditionCase[] = [
  row(
    "13.1.2",
    "If-None-Match with the ETag gets 304",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${etag}`],
  ),
  row(
    "13.1.2",
    "If-None-Match compares weakly",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${weakTag(etag)}`],
  ),
  row(
    "13.1.2",
    "If-None-Match takes a list",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER_TAG}, ${etag}, "z"`],
  ),
  row(
    "13.1.2",
    "If-None-Match takes a list without spaces",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER_TAG},${etag}`],
  ),
  // The standard only recommends one list of several lines (§5.3), and 304 for dates (§13.1.3).
  row(
    "5.3",
    "If-None-Match in two lines is one list",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER_TAG}`, `If-None-Match: ${etag}`],
    "should",
  ),
  row(
    "13.1.2",
    "If-None-Match: * gets 304",
    "nothing",
    304,
    () => ["If-None-Match: *"],
  ),
  row(
    "13.1.2",
    "If-None-Match with another tag gets 200",
    "nothing",
    200,
    () => [`If-None-Match: ${OTHER_TAG}`],
  ),
  row(
    "13.1.2",
    "If-None-Match of an empty tag gets 200",
    "nothing",
    200,
    () => ['If-None-Match: ""'],
  ),
  row(
    "13.1.2",
    "If-None-Match tells tags apart by case",
    "letters",
    200,
    ({ etag }) => [`If-None-Match: "${swapCase(strong(etag).slice(1, -1))}"`],
  ),
  row(
    "13.1.2",
    "If-None-Match with a part of the tag gets 200",
    "etag",
    200,
    ({ etag }) => [`If-None-Match: "${strong(etag).slice(1, -2)}"`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since is ignored beside If-None-Match",
    "modified",
    200,
    (
      { modified },
    ) => [`If-None-Match: ${OTHER_TAG}`, `If-Modified-Since: ${modified}`],
  ),
  row(
    "13.2.2",
    "If-None-Match decides beside an old If-Modified-Since",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${etag}`, `If-Modified-Since: ${OLD_DATE}`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since with Last-Modified gets 304",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${modified}`],
    "should",
  ),
  row(
    "13.1.3",
    "If-Modified-Since with a later date gets 304",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${laterDate(modified)}`],
    "should",
  ),
  row(
    "13.1.3",
    "If-Modified-Since with an old date gets 200",
    "modified",
    200,
    () => [`If-Modified-Since: ${OLD_DATE}`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since that is no date is ignored",
    "nothing",
    200,
    () => ["If-Modified-Since: yesterday"],
  ),
  row(
    "13.1.3",
    "an empty If-Modified-Since is ignored",
    "nothing",
    200,
    () => ["If-Modified-Since:"],
  ),
  row(
    "5.6.7",
    "If-Modified-Since in the form of RFC 850 is understood",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${obsolete(modified).rfc850}`],
    "should",
  ),
  row(
    "5.6.7",
    "If-Modified-Since in the form of asctime is understood",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${obsolete(modified).asctime}`],
    "should",
  ),
  row(
    "13.1.1",
    "If-Match with the ETag gets 200",
    "strong",
    200,
    ({ etag }) => [`If-Match: ${etag}`],
  ),
  row("13.1.1", "If-Match: * gets 200", "nothing", 200, () => ["If-Match: *"]),
  row(
    "13.1.1",
    "If-Match with another tag gets 412",
    "nothing",
    412,
    () => [`If-Match: ${OTHER_TAG}`],
  ),
  row(
    "13.1.1",
    "If-Match compares strongly",
    "etag",
    412,
    ({ etag }) => [`If-Match: ${weakTag(etag)}`],
  ),
  row(
    "13.1.1",
    "If-Match takes a list",
    "strong",
    200,
    ({ etag }) => [`If-Match: ${OTHER_TAG}, ${etag}`],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since with Last-Modified gets 200",
    "modified",
    200,
    ({ modified }) => [`If-Unmodified-Since: ${modified}`],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since with a later date gets 200",
    "modified",
    200,
    ({ modified }) => [`If-Unmodified-Since: ${laterDate(modified)}`],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since with an old date gets 412",
    "modified",
    412,
    () => [`If-Unmodified-Since: ${OLD_DATE}`],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since that is no date is ignored",
    "nothing",
    200,
    () => ["If-Unmodified-Since: yesterday"],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since is ignored beside If-Match",
    "strong",
    200,
    ({ etag }) => [`If-Match: ${etag}`, `If-Unmodified-Since: ${OLD_DATE}`],
  ),
  row(
    "13.2.2",
    "If-Match decides before If-None-Match",
    "etag",
    412,
    ({ etag }) => [`If-Match: ${OTHER_TAG}`, `If-None-Match: ${etag}`],
  ),
  row(
    "13.2.2",
    "If-Unmodified-Since decides before If-None-Match",
    "both",
    412,
    (
      { etag },
    ) => [`If-Unmodified-Since: ${OLD_DATE}`, `If-None-Match: ${etag}`],
  ),
];

/** Returns what a file lacks; undefined if it has all that is needed. */
function lackOf(
  needs: FileNeed,
  { etag, modified }: ProbeFile,
): string | undefined {
  const needsTag = needs !== "modified" && needs !== "nothing";
  if (needsTag && etag === undefined) return "the file has no ETag";
  const needsDate = needs === "modified" || needs === "both";
  if (needsDate && modified === undefined) {
    return "the file has no Last-Modified";
  }
  if (needs === "strong" && etag!.startsWith("W/")) {
    return "the file has only a weak ETag";
  }
  return needs === "letters" && swapCase(strong(etag!)) === strong(etag!)
    ? "the tag has no letters"
    : undefined;
}

function swapCase(text: string): string {
  return [...text].map((letter) =>
    letter === letter.toLowerCase()
      ? letter.toUpperCase()
      : letter.toLowerCase()
  ).join("");
}

/** Returns the request with a precondition, or why the file cannot be asked with it. */
export function sendPrecondition(
  { needs, lines }: PreconditionCase,
  file: ProbeFile,
  method: string,
) {
  const reason = lackOf(needs, file);
  if (reason !== undefined) return skip(reason);
  const { etag = "", modified = "" } = file;
  return request(file, { method, lines: lines({ etag, modified }) });
}
