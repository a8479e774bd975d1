/**
 * HTTP-date (RFC 9110 §5.6.7): one format to write, three to read.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z. An HTTP-date holds whole
 * seconds, so everything below a second is dropped.
 *
 * @module
 */

const WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_WEEKDAY =
  "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const DAY = "(?<day>\\d\\d)";
const MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const MONTH = `(?<month>${MONTHS})`;
const YEAR = "(?<year>\\d{4})";
/** A time of day, or 23:59:60. */
const TIME = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):" +
  "(?<second>[0-5]\\d|(?<=23:59:)60)";

const FORMATS: readonly RegExp[] = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  `${WEEKDAY}, ${DAY} ${MONTH} ${YEAR} ${TIME} GMT`,
  // asctime-date: Sun Nov  6 08:49:37 1994; the day is padded with a space or a 0.
  `${WEEKDAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} ${YEAR}`,
  // rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
  `${LONG_WEEKDAY}, ${DAY}-${MONTH}-(?<year>\\d\\d) ${TIME} GMT`,
].map((format) => new RegExp(`^${format}$`));

/** After 400 years the Gregorian calendar repeats itself, to the day. */
const CYCLE_YEARS = 400;
const CYCLE_MILLISECONDS = 146_097 * 86_400_000;

/** The years that four digits can name. */
const EARLIEST = Date.UTC(CYCLE_YEARS, 0, 1) - CYCLE_MILLISECONDS;
const LATEST = Date.UTC(10_000, 0, 1) - 1;

/**
 * Writes a time as IMF-fixdate, the only format a sender may generate.
 *
 * Fractions of a second are rounded down. The format has four digits for the
 * year: a time outside the years 0000 to 9999 is written as the nearest end of
 * that span, and NaN as its beginning, so that a broken file time cannot make
 * a malformed field.
 *
 * @param milliseconds The time.
 * @returns For example `Sun, 06 Nov 1994 08:49:37 GMT`.
 */
export function formatHttpDate(milliseconds: number): string {
  const time = milliseconds >= EARLIEST
    ? Math.min(milliseconds, LATEST)
    : EARLIEST;
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toUTCString();
  }
  return lastText;
}

/** The second written last: files that were deployed together have one time. */
let lastSecond = NaN;
let lastText = "";

/**
 * Reads a date in any of the three formats a recipient must accept:
 * IMF-fixdate, rfc850-date and asctime-date.
 *
 * The layout must be exact, upper and lower case included, and the day must
 * exist in its month. The name of the day must be a name of a day, but need not
 * be the right one. The leap second `23:59:60` is read as `23:59:59`: the
 * clock here has no such second, and of its two neighbours the earlier one
 * never hides a change.
 *
 * The two-digit year of an rfc850-date is taken in the century of `now`, or in
 * the one before when that would be more than 50 years after `now`.
 *
 * @param text The field value, without white space around it.
 * @param now The current time.
 * @returns The time, or undefined when the text is not an HTTP-date.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  for (const format of FORMATS) {
    const parts = format.exec(text)?.groups;
    if (parts !== undefined) return timeOf(parts, now);
  }
  return undefined;
}

/** The time that the parts of a date name; undefined when its month has no such day. */
function timeOf(
  parts: Readonly<Record<string, string>>,
  now: number,
): number | undefined {
  const day = Number(parts.day);
  const month = MONTHS.indexOf(parts.month!) / "Jan|".length;
  const second = Math.min(Number(parts.second), 59);
  const minutes = Number(parts.hour) * 60 + Number(parts.minute);
  const sinceMidnight = (minutes * 60 + second) * 1000;
  let year = Number(parts.year);
  if (parts.year!.length === 2) {
    const limit = new Date(now);
    const thisYear = limit.getUTCFullYear();
    limit.setUTCFullYear(thisYear + 50);
    year += thisYear - thisYear % 100;
    const time = Date.UTC(year, month, day) + sinceMidnight;
    if (time > limit.getTime()) year -= 100;
  }
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; a cycle later it cannot.
  const midnight = Date.UTC(year + CYCLE_YEARS, month, day) -
    CYCLE_MILLISECONDS;
  const isDay = new Date(midnight).getUTCDate() === day;
  return isDay ? midnight + sinceMidnight : undefined;
}
