/**
 * Preconditions and what they get (RFC 9110 §13), as a table for probes.
 *
 * @module
 */

import {
  type Lines,
  type ProbeFile,
  type ProbeLevel,
  request,
  skip,
} from "./probe.ts";

const OLD = "Sat, 01 Jan 2000 00:00:00 GMT";
const OTHER = '"skiff-check-other"';

/** What a row needs of the file: without it, it does not apply. */
type Needs = "etag" | "modified" | "both" | "nothing";

/** A condition, and the status that it gets. */
export interface Precondition {
  readonly section: string;
  readonly title: string;
  readonly needs: Needs;
  readonly lines: (file: { etag: string; modified: string }) => Lines;
  readonly status: number;
}

function row(
  section: string,
  title: string,
  needs: Needs,
  status: number,
  lines: Precondition["lines"],
): Precondition {
  return { section: `RFC 9110 §${section}`, title, needs, status, lines };
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

function later(date: string): string {
  return new Date(Date.parse(date) + 60_000).toUTCString();
}

/** Conditions that requests have, and what they get. */
export const PRECONDITIONS: readonly Precondition[] = [
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
    ({ etag }) => [`If-None-Match: W/${strong(etag)}`],
  ),
  row(
    "13.1.2",
    "If-None-Match takes a list",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER}, ${etag}, "z"`],
  ),
  row(
    "13.1.2",
    "If-None-Match takes a list without spaces",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER},${etag}`],
  ),
  row(
    "5.3",
    "If-None-Match in two lines is one list",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${OTHER}`, `If-None-Match: ${etag}`],
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
    () => [`If-None-Match: ${OTHER}`],
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
    "etag",
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
    ) => [`If-None-Match: ${OTHER}`, `If-Modified-Since: ${modified}`],
  ),
  row(
    "13.2.2",
    "If-None-Match decides beside an old If-Modified-Since",
    "etag",
    304,
    ({ etag }) => [`If-None-Match: ${etag}`, `If-Modified-Since: ${OLD}`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since with Last-Modified gets 304",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${modified}`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since with a later date gets 304",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${later(modified)}`],
  ),
  row(
    "13.1.3",
    "If-Modified-Since with an old date gets 200",
    "modified",
    200,
    () => [`If-Modified-Since: ${OLD}`],
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
  ),
  row(
    "5.6.7",
    "If-Modified-Since in the form of asctime is understood",
    "modified",
    304,
    ({ modified }) => [`If-Modified-Since: ${obsolete(modified).asctime}`],
  ),
  row(
    "13.1.1",
    "If-Match with the ETag gets 200",
    "etag",
    200,
    ({ etag }) => [`If-Match: ${etag}`],
  ),
  row("13.1.1", "If-Match: * gets 200", "nothing", 200, () => ["If-Match: *"]),
  row(
    "13.1.1",
    "If-Match with another tag gets 412",
    "nothing",
    412,
    () => [`If-Match: ${OTHER}`],
  ),
  row(
    "13.1.1",
    "If-Match compares strongly",
    "etag",
    412,
    ({ etag }) => [`If-Match: W/${strong(etag)}`],
  ),
  row(
    "13.1.1",
    "If-Match takes a list",
    "etag",
    200,
    ({ etag }) => [`If-Match: ${OTHER}, ${etag}`],
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
    ({ modified }) => [`If-Unmodified-Since: ${later(modified)}`],
  ),
  row(
    "13.1.4",
    "If-Unmodified-Since with an old date gets 412",
    "modified",
    412,
    () => [`If-Unmodified-Since: ${OLD}`],
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
    "etag",
    200,
    ({ etag }) => [`If-Match: ${etag}`, `If-Unmodified-Since: ${OLD}`],
  ),
  row(
    "13.2.2",
    "If-Match decides before If-None-Match",
    "etag",
    412,
    ({ etag }) => [`If-Match: ${OTHER}`, `If-None-Match: ${etag}`],
  ),
  row(
    "13.2.2",
    "If-Unmodified-Since decides before If-None-Match",
    "both",
    412,
    ({ etag }) => [`If-Unmodified-Since: ${OLD}`, `If-None-Match: ${etag}`],
  ),
];

/** What the standard only recommends: 304 for dates (§13.1.3), and one list of several lines (§5.3). */
const RECOMMENDED =
  /^If-Modified-Since .* gets 304|is understood$|in two lines/;

/** How much a precondition counts. */
export function levelOf({ title }: Precondition): ProbeLevel {
  return RECOMMENDED.test(title) ? "should" : "must";
}

/** Strong tags are compared strongly alone; a file with a weak tag has none that does. */
function lacks(
  needs: Needs,
  { etag, modified }: ProbeFile,
  title: string,
): string | undefined {
  if ((needs === "etag" || needs === "both") && etag === undefined) {
    return "the file has no ETag";
  }
  if ((needs === "modified" || needs === "both") && modified === undefined) {
    return "the file has no Last-Modified";
  }
  const isStrong = title.startsWith("If-Match with the") ||
    title.startsWith("If-Match takes") || title.includes("beside If-Match");
  return isStrong && etag?.startsWith("W/")
    ? "the file has only a weak ETag"
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
  { needs, lines, title }: Precondition,
  file: ProbeFile,
  method: string,
) {
  const reason = lacks(needs, file, title);
  if (reason !== undefined) return skip(reason);
  const { etag = "", modified = "" } = file;
  if (title.includes("by case") && swapCase(etag) === etag) {
    return skip("the tag has no letters");
  }
  return request(file, { method, lines: lines({ etag, modified }) });
}
