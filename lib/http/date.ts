/**
 * HTTP-date (RFC 9110 §5.6.7): one format to write, three to read.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z. An HTTP-date holds whole
 * seconds, so everything below a second is dropped.
 *
 * @module
 */

const DAY_NAMES = "MonTueWedThuFriSatSun";
const LONG_DAY_NAMES: readonly string[] = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];
const MONTH_NAMES = "JanFebMarAprMayJunJulAugSepOctNovDec";
const MONTH_DAYS: readonly number[] = [
  31,
  28,
  31,
  30,
  31,
  30,
  31,
  31,
  30,
  31,
  30,
  31,
];

const FEBRUARY = 1;
const DIGIT_ZERO = 0x30;

/** The length of `Sun, 06 Nov 1994 08:49:37 GMT`. */
const IMF_FIXDATE_LENGTH = 29;
/** The length of `Sun Nov  6 08:49:37 1994`. */
const ASCTIME_LENGTH = 24;
/** The length of `, 06-Nov-94 08:49:37 GMT`, which follows the day's name. */
const RFC850_REST_LENGTH = 24;

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
  let time: number;
  if (text.length === IMF_FIXDATE_LENGTH) time = parseImfFixdate(text);
  else if (text.length === ASCTIME_LENGTH) time = parseAsctime(text);
  else time = parseRfc850(text, now);
  return Number.isNaN(time) ? undefined : time;
}

// Below, NaN stands for "not a date": it survives every sum, so that one
// question at the end is enough.

/** Reads `Sun, 06 Nov 1994 08:49:37 GMT`. */
function parseImfFixdate(text: string): number {
  const exact = nameIndex(DAY_NAMES, text, 0) !== -1 &&
    text.startsWith(", ", 3) && text[7] === " " && text[11] === " " &&
    text[16] === " " && text.endsWith(" GMT");
  if (!exact) return NaN;
  const day = digits(text, 5, 2);
  const month = nameIndex(MONTH_NAMES, text, 8);
  const year = digits(text, 12, 4);
  return midnight(year, month, day) + timeOfDay(text, 17);
}

/** Reads `Sun Nov  6 08:49:37 1994`; the day is padded with a space or a 0. */
function parseAsctime(text: string): number {
  const exact = nameIndex(DAY_NAMES, text, 0) !== -1 && text[3] === " " &&
    text[7] === " " && text[10] === " " && text[19] === " ";
  if (!exact) return NaN;
  const month = nameIndex(MONTH_NAMES, text, 4);
  const day = text[8] === " " ? digits(text, 9, 1) : digits(text, 8, 2);
  const year = digits(text, 20, 4);
  return midnight(year, month, day) + timeOfDay(text, 11);
}

/** Reads `Sunday, 06-Nov-94 08:49:37 GMT`. */
function parseRfc850(text: string, now: number): number {
  const comma = text.length - RFC850_REST_LENGTH;
  const exact = LONG_DAY_NAMES.includes(text.slice(0, Math.max(comma, 0))) &&
    text.startsWith(", ", comma) && text[comma + 4] === "-" &&
    text[comma + 8] === "-" && text[comma + 11] === " " &&
    text.endsWith(" GMT");
  if (!exact) return NaN;
  const day = digits(text, comma + 2, 2);
  const month = nameIndex(MONTH_NAMES, text, comma + 5);
  const time = timeOfDay(text, comma + 12);

  const limit = new Date(now);
  const thisYear = limit.getUTCFullYear();
  limit.setUTCFullYear(thisYear + 50);
  const century = thisYear - thisYear % 100;
  let year = century + digits(text, comma + 9, 2);
  if (Date.UTC(year, month, day) + time > limit.getTime()) year -= 100;
  return midnight(year, month, day) + time;
}

/**
 * The place, from 0, of the three letters at `at` among `names`, or -1. Every
 * name begins with the only capital in it, so a match between two names is
 * recognised by its odd place.
 */
function nameIndex(names: string, text: string, at: number): number {
  const found = names.indexOf(text.slice(at, at + 3));
  return found % 3 === 0 ? found / 3 : -1;
}

/** The number that `count` digits at `at` write, or NaN. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - DIGIT_ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** The milliseconds since midnight that `hh:mm:ss` at `at` writes, or NaN. */
function timeOfDay(text: string, at: number): number {
  if (text[at + 2] !== ":" || text[at + 5] !== ":") return NaN;
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  let second = digits(text, at + 6, 2);
  if (hour === 23 && minute === 59 && second === 60) second = 59;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The time at which a day begins, or NaN when there is no such day. */
function midnight(year: number, month: number, day: number): number {
  if (!(month >= 0 && day >= 1 && day <= daysIn(year, month))) return NaN;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; a cycle later it cannot.
  return Date.UTC(year + CYCLE_YEARS, month, day) - CYCLE_MILLISECONDS;
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === FEBRUARY && leap ? 29 : MONTH_DAYS[month]!;
}
