import { assertEquals } from "@std/assert";
import {
  type Fields,
  PAST,
  PAST_DATES,
  SUBJECT_FILES,
  SUBJECTS,
  testRows,
  testStage,
} from "./stage.ts";

const BIG = "9".repeat(25);

/** If-Range values for content with this tag from {@linkcode PAST}, and whether the range is sent. */
type IfRangeRow = readonly [
  name: string,
  value: (tag: string) => string,
  isSent: boolean,
  /** Where there is no Last-Modified. */
  isSentUndated: boolean,
];

const IF_RANGE_ROWS: readonly IfRangeRow[] = [
  ["the tag", (tag) => tag, true, true],
  ["the tag, weak", (tag) => `W/${tag}`, false, false],
  ["another tag", () => '"another"', false, false],
  [
    "the tag of another encoding",
    (tag) => tag.replace(/"$/, '-gzip"'),
    false,
    false,
  ],
  ["a list with the tag", (tag) => `"a", ${tag}`, false, false],
  ["the tag without quotes", (tag) => tag.slice(1, -1), false, false],
  ["a star", () => "*", false, false],
  ["an empty value", () => "", false, false],
  ...PAST_DATES.map((date) =>
    [`the date as ${date}`, () => date, true, false] as IfRangeRow
  ),
  ["a second before", () => "Wed, 01 May 2024 10:20:29 GMT", false, false],
  ["a second after", () => "Wed, 01 May 2024 10:20:31 GMT", false, false],
  ["the end of time", () => "Fri, 31 Dec 9999 23:59:59 GMT", false, false],
  ["what is no date", () => "yesterday", false, false],
];

testRows(
  "If-Range",
  SUBJECT_FILES,
  IF_RANGE_ROWS,
  ([name]) => `If-Range: ${name}`,
  async (stage, [, value, isSent, isSentUndated]) => {
    for (const { target, fields, hasDate } of SUBJECTS) {
      const head = await stage.ask("HEAD", target, fields);
      const ifRange = value(head.fields.get("etag")!);
      // Of several encodings a date is no strong validator (RFC 9110 §8.8.1).
      const isOneOf = "Accept-Encoding" in fields;
      const isPartial = hasDate && !isOneOf ? isSent : isSentUndated;
      const asked = { ...fields, "If-Range": ifRange };
      const partial = await stage.ask("GET", target, {
        ...asked,
        Range: "bytes=1-3",
      });
      assertEquals(partial.status, isPartial ? 206 : 200, target);
      // What cannot be satisfied is no mistake of who has another version.
      const beyond = { ...asked, Range: `bytes=${BIG}-` };
      const unsatisfied = await stage.ask("GET", target, beyond);
      assertEquals(unsatisfied.status, isPartial ? 416 : 200, target);
      assertEquals((await stage.ask("HEAD", target, asked)).status, 200);
    }
  },
);

testStage(
  "a date is no strong validator within the second in which the file was changed",
  {},
  async (stage) => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    stage.write("a.txt", "0123456789", now);
    const asked = { "Range": "bytes=1-3", "If-Range": now.toUTCString() };
    stage.advance(now.getTime() + 100 - Date.now());
    assertEquals((await stage.ask("GET", "/a.txt", asked)).status, 200);
    stage.advance(10_000);
    assertEquals((await stage.ask("GET", "/a.txt", asked)).status, 206);
  },
);

/** Whether a date is enough for a range: the file, what the client accepts, and whether it is. */
const DATED_ROWS: readonly (readonly [
  target: string,
  accepted: string | undefined,
  isSent: boolean,
])[] = [
  ["/a.txt", undefined, true],
  ["/a.txt", "identity", true],
  ["/a.txt", "identity, gzip;q=0.5", true],
  ["/a.txt", "gzip;q=0, *;q=0", true],
  // Whether an encoding is ready or not can change between two requests.
  ["/a.txt", "gzip", false],
  ["/a.txt", "*", false],
  ["/short.txt", "br", false],
  ["/a.bin", "gzip, br", true],
];

for (const [target, accepted, isSent] of DATED_ROWS) {
  testStage(
    `If-Range: a date for ${target}, accepting ${accepted}`,
    {
      "a.txt": "0123456789".repeat(1000),
      "short.txt": "0123456789",
      "a.bin": "0123456789".repeat(1000),
    },
    async (stage) => {
      const fields = accepted === undefined
        ? {}
        : { "Accept-Encoding": accepted };
      const { status } = await stage.ask("GET", target, {
        ...fields,
        "Range": "bytes=1-3",
        "If-Range": PAST.toUTCString(),
      });
      assertEquals(status, isSent ? 206 : 200);
    },
  );
}

const MIXED_ROWS: readonly [
  name: string,
  fields: (tag: string) => Fields,
  status: number,
][] = [
  ["If-None-Match that matches", (tag) => ({ "If-None-Match": tag }), 304],
  ["If-None-Match that does not", () => ({ "If-None-Match": '"a"' }), 206],
  ["If-Modified-Since", () => ({ "If-Modified-Since": PAST_DATES[0]! }), 304],
  ["If-Match that matches", (tag) => ({ "If-Match": tag }), 206],
  ["If-Match that does not", () => ({ "If-Match": '"a"' }), 412],
  [
    "If-Unmodified-Since",
    () => ({ "If-Unmodified-Since": PAST_DATES[0]! }),
    206,
  ],
  [
    "an end that is not there, and If-Match that does not match",
    () => ({ "If-Match": '"a"', "Range": `bytes=${BIG}-` }),
    412,
  ],
  [
    "an end that is not there, and If-None-Match that matches",
    (tag) => ({ "If-None-Match": tag, "Range": `bytes=${BIG}-` }),
    304,
  ],
  [
    "If-Match, and If-Range with another tag",
    (tag) => ({ "If-Match": tag, "If-Range": '"a"' }),
    200,
  ],
];

testRows(
  "Range: beside other fields",
  SUBJECT_FILES,
  MIXED_ROWS,
  ([name]) => `Range: with ${name}`,
  async (stage, [, fields, status]) => {
    for (const subject of SUBJECTS.filter(({ hasDate }) => hasDate)) {
      const head = await stage.ask("HEAD", subject.target, subject.fields);
      const response = await stage.ask("GET", subject.target, {
        Range: "bytes=1-3",
        ...subject.fields,
        ...fields(head.fields.get("etag")!),
      });
      assertEquals(response.status, status);
    }
  },
);

testStage("a range of a version that is gone is the whole of the new one", {
  "a.txt": "0123456789",
}, async (stage) => {
  const { fields } = await stage.get("/a.txt");
  const asked = { "Range": "bytes=5-", "If-Range": fields.get("etag")! };
  assertEquals((await stage.ask("GET", "/a.txt", asked)).body, "56789");
  stage.write("a.txt", "abcdefghij", new Date(PAST.getTime() + 5000));
  const { status, body } = await stage.ask("GET", "/a.txt", asked);
  assertEquals([status, body], [200, "abcdefghij"]);
});
