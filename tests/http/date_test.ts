import { assertEquals, assertStrictEquals } from "@std/assert";
import { formatHttpDate, parseHttpDate } from "../../lib/http/date.ts";
import { assertQuick } from "../quickness.ts";

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

const FORMATS: readonly [name: string, time: number, text: string][] = [
  ["the RFC's example", EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["the epoch", 0, "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["milliseconds down", EXAMPLE + 999, "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["half a millisecond down", 999.5, "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["down before 1970", -1, "Wed, 31 Dec 1969 23:59:59 GMT"],
  ["fractions down before 1970", -0.25, "Wed, 31 Dec 1969 23:59:59 GMT"],
  ["a leap day", Date.UTC(2024, 1, 29), "Thu, 29 Feb 2024 00:00:00 GMT"],
  [
    "times after 2^32 seconds",
    Date.UTC(2107, 0, 1),
    "Sat, 01 Jan 2107 00:00:00 GMT",
  ],
  [
    "the last second of 9999",
    Date.UTC(9999, 11, 31, 23, 59, 59),
    "Fri, 31 Dec 9999 23:59:59 GMT",
  ],
  [
    "a later time as the end of 9999",
    Date.UTC(10_000, 0, 1),
    "Fri, 31 Dec 9999 23:59:59 GMT",
  ],
  [
    "infinity as the end of 9999",
    Infinity,
    "Fri, 31 Dec 9999 23:59:59 GMT",
  ],
  [
    "a time before year 0 as its beginning",
    -1e17,
    "Sat, 01 Jan 0000 00:00:00 GMT",
  ],
  ["NaN as the beginning of year 0", NaN, "Sat, 01 Jan 0000 00:00:00 GMT"],
];

for (const [name, time, text] of FORMATS) {
  Deno.test(`formatHttpDate() writes ${name}`, () => {
    assertStrictEquals(formatHttpDate(time), text);
  });
}

Deno.test("formatHttpDate() tells times of one second, and of those beside it, apart", () => {
  const texts = [0, 999, 1000, 999, -1, 1000, 60_000].map((later) =>
    formatHttpDate(EXAMPLE + later).slice(17, 25)
  );
  assertEquals(texts, [
    "08:49:37",
    "08:49:37",
    "08:49:38",
    "08:49:37",
    "08:49:36",
    "08:49:38",
    "08:50:37",
  ]);
});

const READ: readonly [name: string, text: string, time: number][] = [
  ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE],
  ["rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE],
  ["asctime-date", "Sun Nov  6 08:49:37 1994", EXAMPLE],
  [
    "asctime-date with a zero before the day",
    "Sun Nov 06 08:49:37 1994",
    EXAMPLE,
  ],
  [
    "asctime-date with two digits for the day",
    "Wed Nov 16 08:49:37 1994",
    Date.UTC(1994, 10, 16, 8, 49, 37),
  ],
  [
    "rfc850-date with the longest name",
    "Wednesday, 16-Nov-94 08:49:37 GMT",
    Date.UTC(1994, 10, 16, 8, 49, 37),
  ],
  ["the epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["a time before 1970", "Wed, 31 Dec 1969 23:59:59 GMT", -1000],
  ["the wrong day of the week", "Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE],
  [
    "29 February of a leap year",
    "Thu, 29 Feb 2024 00:00:00 GMT",
    Date.UTC(2024, 1, 29),
  ],
  [
    "29 February of a leap century",
    "Tue, 29 Feb 2000 00:00:00 GMT",
    Date.UTC(2000, 1, 29),
  ],
  [
    "a leap second as the second before it",
    "Sat, 31 Dec 2016 23:59:60 GMT",
    Date.UTC(2016, 11, 31, 23, 59, 59),
  ],
  [
    "a four-digit year below 100 as it stands",
    "Sun, 06 Nov 0094 08:49:37 GMT",
    Date.parse("0094-11-06T08:49:37Z"),
  ],
  [
    "the last second of 9999",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    Date.UTC(9999, 11, 31, 23, 59, 59),
  ],
  [
    "a two-digit year of this century",
    "Sunday, 06-Nov-11 08:49:37 GMT",
    Date.UTC(2011, 10, 6, 8, 49, 37),
  ],
  [
    "a two-digit year exactly 50 years ahead",
    "Monday, 15-Jun-76 12:00:00 GMT",
    Date.UTC(2076, 5, 15, 12),
  ],
  [
    "a two-digit year 50 years and a second ahead as the past century",
    "Monday, 15-Jun-76 12:00:01 GMT",
    Date.UTC(1976, 5, 15, 12, 0, 1),
  ],
  [
    "29 February of a two-digit year in the past century",
    "Thursday, 29-Feb-96 00:00:00 GMT",
    Date.UTC(1996, 1, 29),
  ],
];

for (const [name, text, time] of READ) {
  Deno.test(`parseHttpDate() reads ${name}`, () => {
    assertStrictEquals(parseHttpDate(text, NOW), time);
  });
}

Deno.test("parseHttpDate() takes a two-digit year by the clock it is given", () => {
  const text = "Friday, 31-Dec-99 23:59:59 GMT";
  assertStrictEquals(
    parseHttpDate(text, Date.UTC(1999, 0, 1)),
    Date.UTC(1999, 11, 31, 23, 59, 59),
  );
  assertStrictEquals(
    parseHttpDate(text, Date.UTC(2100, 0, 1)),
    Date.UTC(2099, 11, 31, 23, 59, 59),
  );
  assertStrictEquals(parseHttpDate(text, NaN), undefined);
});

const REJECTED: readonly [name: string, text: string][] = [
  ["nothing", ""],
  ["a word", "yesterday"],
  ["a number", "784111777"],
  ["ISO 8601", "1994-11-06T08:49:37Z"],
  [
    "ISO 8601 with as many characters as IMF-fixdate",
    "1994-11-06T08:49:37.000+00:00",
  ],
  ["white space in front", " Sun, 06 Nov 1994 08:49:37 GMT"],
  ["white space behind", "Sun, 06 Nov 1994 08:49:37 GMT "],
  [
    "a list of two dates",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
  ],
  ["a one-digit day", "Sun, 6 Nov 1994 08:49:37 GMT"],
  ["a space for the day's zero", "Sun,  6 Nov 1994 08:49:37 GMT"],
  ["another zone", "Sun, 06 Nov 1994 08:49:37 UTC"],
  ["a numeric zone", "Sun, 06 Nov 1994 08:49:37 +0000"],
  ["no zone", "Sun, 06 Nov 1994 08:49:37"],
  ["the zone in lower case", "Sun, 06 Nov 1994 08:49:37 gmt"],
  ["the month in lower case", "Sun, 06 nov 1994 08:49:37 GMT"],
  ["the month in upper case", "Sun, 06 NOV 1994 08:49:37 GMT"],
  ["the day's name in lower case", "sun, 06 Nov 1994 08:49:37 GMT"],
  ["letters between two months", "Sun, 06 ovD 1994 08:49:37 GMT"],
  ["letters between two days", "onT, 06 Nov 1994 08:49:37 GMT"],
  ["an unknown month", "Sun, 06 Nox 1994 08:49:37 GMT"],
  ["an unknown day", "Son, 06 Nov 1994 08:49:37 GMT"],
  ["no comma", "Sun; 06 Nov 1994 08:49:37 GMT"],
  ["a tab for a space", "Sun, 06 Nov 1994\t08:49:37 GMT"],
  ["a hyphen before the month", "Sun, 06-Nov 1994 08:49:37 GMT"],
  ["a hyphen after the month", "Sun, 06 Nov-1994 08:49:37 GMT"],
  ["dots in the time", "Sun, 06 Nov 1994 08.49.37 GMT"],
  ["a dot before the seconds", "Sun, 06 Nov 1994 08:49.37 GMT"],
  ["day 0", "Sun, 00 Nov 1994 08:49:37 GMT"],
  ["31 November", "Sun, 31 Nov 1994 08:49:37 GMT"],
  ["32 December", "Sun, 32 Dec 1994 08:49:37 GMT"],
  ["30 February", "Sun, 30 Feb 2024 08:49:37 GMT"],
  ["29 February of a common year", "Sun, 29 Feb 2023 08:49:37 GMT"],
  ["29 February of a common century", "Sun, 29 Feb 1900 08:49:37 GMT"],
  ["hour 24", "Sun, 06 Nov 1994 24:00:00 GMT"],
  ["minute 60", "Sun, 06 Nov 1994 08:60:00 GMT"],
  ["second 61", "Sat, 31 Dec 2016 23:59:61 GMT"],
  ["second 60 within the day", "Sun, 06 Nov 1994 08:49:60 GMT"],
  ["second 60 of an earlier hour", "Sun, 06 Nov 1994 22:59:60 GMT"],
  ["a letter in the day", "Sun, 0x Nov 1994 08:49:37 GMT"],
  ["a letter in the year", "Sun, 06 Nov 199O 08:49:37 GMT"],
  ["a sign in the year", "Sun, 06 Nov -994 08:49:37 GMT"],
  ["a space in the hour", "Sun, 06 Nov 1994  8:49:37 GMT"],
  ["wide digits", "Sun, 06 Nov １９９４ 08:49:37 GMT"],
  ["a two-digit year in IMF-fixdate", "Sun, 06 Nov 94 08:49:37 GMT"],
  ["a four-digit year in rfc850-date", "Sunday, 06-Nov-1994 08:49:37 GMT"],
  ["a short day's name in rfc850-date", "Sun, 06-Nov-94 08:49:37 GMT"],
  ["an unknown long name in rfc850-date", "Someday, 06-Nov-94 08:49:37 GMT"],
  ["spaces in rfc850-date", "Sunday, 06 Nov 94 08:49:37 GMT"],
  ["a space before the year in rfc850-date", "Sunday, 06-Nov 94 08:49:37 GMT"],
  ["no comma in rfc850-date", "Sunday; 06-Nov-94 08:49:37 GMT"],
  ["no space before the time in rfc850-date", "Sunday, 06-Nov-94T08:49:37 GMT"],
  ["another zone in rfc850-date", "Sunday, 06-Nov-94 08:49:37 CET"],
  ["letters in the year of rfc850-date", "Sunday, 06-Nov-xx 08:49:37 GMT"],
  ["31 November in rfc850-date", "Sunday, 31-Nov-94 08:49:37 GMT"],
  ["an unknown month in rfc850-date", "Sunday, 06-Nox-94 08:49:37 GMT"],
  ["only the end of rfc850-date", ", 06-Nov-94 08:49:37 GMT"],
  ["a comma in asctime-date", "Sun, Nov 6 08:49:37 1994"],
  [
    "a one-digit day without padding in asctime-date",
    "Sun Nov 6 08:49:37 1994",
  ],
  ["asctime-date with day 0", "Sun Nov  0 08:49:37 1994"],
  ["asctime-date with a hyphen before the year", "Sun Nov  6 08:49:37-1994"],
  ["asctime-date with a hyphen before the month", "Sun-Nov  6 08:49:37 1994"],
  ["asctime-date with a hyphen before the day", "Sun Nov-06 08:49:37 1994"],
  ["asctime-date with a hyphen before the time", "Sun Nov  6-08:49:37 1994"],
  ["asctime-date with a zone", "Sun Nov  6 08:49:37 GMT 1994"],
  ["asctime-date with an unknown day", "Son Nov  6 08:49:37 1994"],
];

for (const [name, text] of REJECTED) {
  Deno.test(`parseHttpDate() rejects ${name}`, () => {
    assertStrictEquals(parseHttpDate(text, NOW), undefined);
  });
}

Deno.test("parseHttpDate() rejects every proper beginning of a date", () => {
  for (const [, text] of READ) {
    for (let length = 0; length < text.length; length++) {
      assertStrictEquals(parseHttpDate(text.slice(0, length), NOW), undefined);
    }
  }
});

Deno.test("parseHttpDate() reads what formatHttpDate() writes", () => {
  const step = 86_400_000 * 997 + 3_723_000;
  const first = Date.parse("0000-01-01T00:00:00Z");
  const last = Date.parse("9999-12-31T23:59:59Z");
  for (let time = first; time <= last; time += step) {
    assertStrictEquals(parseHttpDate(formatHttpDate(time), NOW), time);
  }
});

Deno.test("parseHttpDate() agrees with Date on every day of four centuries", () => {
  for (let day = 0; day < 146_097; day++) {
    const time = Date.UTC(1800, 0, 1) + day * 86_400_000;
    assertStrictEquals(parseHttpDate(new Date(time).toUTCString(), NOW), time);
  }
});

const HOSTILE: readonly [name: string, value: string][] = [
  ["16 KiB of digits", "9".repeat(16_384)],
  ["16 KiB of spaces", " ".repeat(16_384)],
  [
    "16 KiB before an rfc850-date",
    "S".repeat(16_355) + "unday, 06-Nov-94 08:49:37 GMT",
  ],
];

for (const [name, value] of HOSTILE) {
  Deno.test(`parseHttpDate() is quick about ${name}`, async () => {
    await assertQuick(
      50,
      () => assertStrictEquals(parseHttpDate(value, NOW), undefined),
    );
  });
}
