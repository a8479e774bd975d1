/**
 * The file that probes ask for, and its values in the requests of their tables.
 *
 * @module
 */

import { formatHttpDate } from "../http/date.ts";

/** What to probe. */
export interface ProbeSubject {
  /** The value for Host. */
  readonly host: string;
  /** The request target: path and query. */
  readonly target: string;
  /** The value for Authorization, if the server needs one. */
  readonly authorization?: string | undefined;
}

/** The file that probes ask for, as the server sends it without a coding. */
export interface ProbeFile extends ProbeSubject {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly fields: ReadonlyMap<string, string>;
  /** The content, a character for each byte. */
  readonly body: string;
  /** Whether the server sends parts. */
  readonly hasRanges: boolean;
  /** Whether a GET with content is answered as one without. */
  readonly takesContent: boolean;
  /** What is sent with 200 for files that do not exist, as single-page applications do; undefined for an error. */
  readonly fallback: string | undefined;
}

/** Why a probe does not apply. */
export interface Skip {
  readonly skip: string;
}

/** Skips a probe. */
export function skip(reason: string): Skip {
  return { skip: reason };
}

/** Header lines of a request. */
export type Lines = readonly string[];

/** A date before the file was modified. */
export const OLD_DATE = "Sat, 01 Jan 2000 00:00:00 GMT";

/** The values of a file by their names in tables. Where a file lacks several, the first of them is why a probe does not apply. */
const VALUES: Readonly<Record<string, (file: ProbeFile) => string | Skip>> = {
  "etag": tag((etag) => etag),
  "weak etag": tag((etag) => etag.startsWith("W/") ? etag : `W/${etag}`),
  // A strong comparison finds no other one equal.
  "strong etag": tag((etag) =>
    etag.startsWith("W/") ? skip("the file has only a weak ETag") : etag
  ),
  "part of etag": tag((etag) => `"${withoutW(etag).slice(1, -2)}"`),
  "etag in other case": tag((etag) => {
    const plain = withoutW(etag);
    return swapCase(plain) === plain
      ? skip("the tag has no letters")
      : `"${swapCase(plain.slice(1, -1))}"`;
  }),
  "date": date((modified) => modified),
  "earlier date": date(() => OLD_DATE),
  "later date": date((modified) =>
    formatHttpDate(Date.parse(modified) + 60_000)
  ),
  "date of RFC 850": date((modified) => obsolete(modified).rfc850),
  "date of asctime": date((modified) => obsolete(modified).asctime),
  "length": ({ body }) => `${body.length}`,
  "length + 9": ({ body }) => `${body.length + 9}`,
  "length + 100": ({ body }) => `${body.length + 100}`,
  "length + 200": ({ body }) => `${body.length + 200}`,
};

function tag(form: (etag: string) => string | Skip) {
  return ({ etag }: ProbeFile) =>
    etag === undefined ? skip("the file has no ETag") : form(etag);
}

function date(form: (modified: string) => string) {
  return ({ modified }: ProbeFile) =>
    modified === undefined
      ? skip("the file has no Last-Modified")
      : form(modified);
}

function withoutW(etag: string): string {
  return etag.replace(/^W\//, "");
}

function swapCase(text: string): string {
  return [...text].map((letter) =>
    letter === letter.toLowerCase()
      ? letter.toUpperCase()
      : letter.toLowerCase()
  ).join("");
}

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

/** Replaces `{…}` in lines by values of a file. */
export function filledLines(lines: Lines, file: ProbeFile): Lines | Skip {
  const values = new Map<string, string>();
  for (const [name, valueOf] of Object.entries(VALUES)) {
    if (!lines.some((line) => line.includes(`{${name}}`))) continue;
    const value = valueOf(file);
    if (typeof value !== "string") return value;
    values.set(name, value);
  }
  return lines.map((line) =>
    line.replace(/\{(.+?)\}/g, (whole, name) => values.get(name) ?? whole)
  );
}
