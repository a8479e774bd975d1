import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  bytesOf,
  exchange,
  parseResponses,
  type Response,
  textOf,
} from "../helpers.ts";
import {
  decodedBody,
  type Stage,
  type Subject,
  SUBJECT_FILES,
  SUBJECTS,
  testRows,
  testStage,
  textOfLength,
} from "./stage.ts";
import { parseParts } from "./multipart.ts";

/** What a Range field comes to: everything (200), nothing (416), or slices from first to last byte (206). */
type Want =
  | "whole"
  | "none"
  | readonly (readonly [first: number, last: number])[];

type Row = readonly [
  name: string,
  /** The field's value for content of so many bytes. */
  range: (length: number) => string,
  want: (length: number) => Want,
];

const whole = (): Want => "whole";
const none = (): Want => "none";

const BIG = "9".repeat(25);
const SPREAD = Array.from(
  { length: 17 },
  (_, index) => `${index * 3}-${index * 3}`,
);

const ROWS: readonly Row[] = [
  // One range.
  ["the first byte", () => "bytes=0-0", () => [[0, 0]]],
  ["the last byte", () => "bytes=-1", (n) => [[n - 1, n - 1]]],
  ["a slice", () => "bytes=10-19", () => [[10, 19]]],
  ["an open end", () => "bytes=10-", (n) => [[10, n - 1]]],
  ["the last byte, open", (n) => `bytes=${n - 1}-`, (n) => [[n - 1, n - 1]]],
  ["everything", () => "bytes=0-", (n) => [[0, n - 1]]],
  ["everything, in numbers", (n) => `bytes=0-${n - 1}`, (n) => [[0, n - 1]]],
  ["an end beyond the last byte", (n) => `bytes=5-${n}`, (n) => [[5, n - 1]]],
  ["an end of 25 digits", () => `bytes=5-${BIG}`, (n) => [[5, n - 1]]],
  ["a suffix", () => "bytes=-10", (n) => [[n - 10, n - 1]]],
  ["a suffix as long as all", (n) => `bytes=-${n}`, (n) => [[0, n - 1]]],
  ["a suffix longer than all", (n) => `bytes=-${n + 1}`, (n) => [[0, n - 1]]],
  ["a suffix of 25 digits", () => `bytes=-${BIG}`, (n) => [[0, n - 1]]],
  ["numbers with zeros in front", () => "bytes=0007-0000009", () => [[7, 9]]],
  ["the unit in upper case", () => "BYTES=0-0", () => [[0, 0]]],
  ["spaces and empty elements", () => "bytes= ,\t3-4 , ,", () => [[3, 4]]],

  // Nothing of what is there.
  ["a start behind the last byte", (n) => `bytes=${n}-`, none],
  ["a start far behind it", () => `bytes=${BIG}-`, none],
  ["numbers of 25 digits", () => `bytes=${BIG}-${BIG}`, none],
  ["a suffix of no bytes", () => "bytes=-0", none],
  ["several that are not there", (n) => `bytes=${n}-, -0, ${BIG}-`, none],

  // Several ranges.
  ["two", () => "bytes=0-1,4-5", () => [[0, 1], [4, 5]]],
  ["two, the later first", () => "bytes=7-8, 0-1", () => [[7, 8], [0, 1]]],
  [
    "ends and middle",
    () => "bytes=-2,50-52,0-0",
    (n) => [[n - 2, n - 1], [50, 52], [0, 0]],
  ],
  ["two that touch", () => "bytes=0-1,2-3", () => [[0, 3]]],
  ["two that overlap", () => "bytes=0-5,3-9", () => [[0, 9]]],
  ["one within another", () => "bytes=3-4,0-9", () => [[0, 9]]],
  ["the same twice", () => "bytes=5-6,5-6", () => [[5, 6]]],
  ["two, and what joins them", () => "bytes=0-1,4-5,2-3", () => [[0, 5]]],
  [
    "one that is there, one that is not",
    (n) => `bytes=${n}-,1-2`,
    () => [[1, 2]],
  ],
  [
    "two that are there, one that is not",
    (n) => `bytes=0-0,${n}-,9-9`,
    () => [[0, 0], [9, 9]],
  ],
  [
    "sixteen",
    () => `bytes=${SPREAD.slice(1).join()}`,
    () => SPREAD.slice(1).map((_, index) => [index * 3 + 3, index * 3 + 3]),
  ],
  ["seventeen", () => `bytes=${SPREAD.join()}`, whole],
  ["a thousand", () => `bytes=${"0-0,".repeat(1000)}`, whole],
  ["more bytes in sum than there are", () => "bytes=0-,0-0", whole],
  ["everything sixteen times", () => `bytes=${"0-,".repeat(16)}`, whole],

  // What is no range of bytes.
  ["an empty value", () => "", whole],
  ["the unit alone", () => "bytes", whole],
  ["no range", () => "bytes=", whole],
  ["only commas", () => "bytes=,,", whole],
  ["another unit", () => "items=0-0", whole],
  ["a unit that begins alike", () => "bytesx=0-0", whole],
  ["a space for the sign", () => "bytes 0-0", whole],
  ["a space before the sign", () => "bytes =0-0", whole],
  ["two signs", () => "bytes==0-0", whole],
  ["no numbers", () => "bytes=-", whole],
  ["no dash", () => "bytes=5", whole],
  ["two dashes", () => "bytes=0--1", whole],
  ["three numbers", () => "bytes=0-1-2", whole],
  ["an end before the start", () => "bytes=5-4", whole],
  ["an end before the start, beside a range", () => "bytes=0-0,5-4", whole],
  ["letters", () => "bytes=a-f", whole],
  ["hexadecimal numbers", () => "bytes=0x0-0x1", whole],
  ["a plus", () => "bytes=+0-1", whole],
  ["a fraction", () => "bytes=0.0-1", whole],
  ["an exponent", () => "bytes=0-1e3", whole],
  ["spaces in a range", () => "bytes=0 - 1", whole],
  ["a semicolon", () => "bytes=0-0;1-1", whole],
  ["a range, and then what is none", () => "bytes=0-0,x", whole],
  ["digits that are not ASCII", () => "bytes=\xb2-\xb3", whole],
];

/** The fields that do not depend on how much is sent. */
function commonFields({ fields }: Response): Record<string, string> {
  const own = ["date", "content-length", "content-range", "content-type"];
  return Object.fromEntries(
    [...fields].filter(([name]) => !own.includes(name)),
  );
}

/** Checks an answer against the head of the whole, and against the content. */
function check(
  response: Response,
  head: Response,
  content: string,
  want: Want,
): void {
  const { status, fields, body } = response;
  if (want === "whole") {
    assertEquals(status, 200);
    assert(body === content);
    assertEquals(fields.get("content-range"), undefined);
    return;
  }
  if (want === "none") {
    assertEquals(status, 416);
    assertEquals(fields.get("content-range"), `bytes */${content.length}`);
    assertEquals(fields.get("cache-control"), "no-store");
    assertEquals(fields.get("etag"), undefined);
    assertMatch(body, /416 Range Not Satisfiable/);
    return;
  }
  assertEquals(status, 206);
  assertEquals(commonFields(response), commonFields(head));
  const type = head.fields.get("content-type");
  const parts = want.length === 1
    ? [{
      type: fields.get("content-type"),
      range: fields.get("content-range"),
      body,
    }]
    : parseParts(response);
  if (want.length > 1) assertEquals(fields.get("content-range"), undefined);
  assertEquals(
    parts,
    want.map(([first, last]) => ({
      type,
      range: `bytes ${first}-${last}/${content.length}`,
      body: content.slice(first, last + 1),
    })),
  );
}

/** The content of a large file is known; that of everything else is asked for. */
const LARGE = textOf(SUBJECT_FILES["large.bin"] as Uint8Array);

async function contentOf(stage: Stage, subject: Subject): Promise<string> {
  if (subject.isLarge) return LARGE;
  return (await stage.ask("GET", subject.target, subject.fields)).body;
}

testRows(
  "Range",
  SUBJECT_FILES,
  ROWS,
  ([name]) => `Range: ${name}`,
  async (stage, [, range, want]) => {
    for (const subject of SUBJECTS) {
      const { target, fields } = subject;
      const content = await contentOf(stage, subject);
      const head = await stage.ask("HEAD", target, fields);
      assertEquals(head.fields.get("accept-ranges"), "bytes");
      // Without its tag the range would be one of the file as it is.
      const ifRange = "Accept-Encoding" in fields
        ? { "If-Range": head.fields.get("etag")! }
        : {};
      const asked = { ...fields, ...ifRange, Range: range(content.length) };
      const wanted = want(content.length);
      // To read a large file whole takes long, and is the same as for a small one.
      if (!subject.isLarge || wanted !== "whole") {
        const response = await stage.ask("GET", target, asked);
        check(response, head, content, wanted);
      }
      // HEAD has no ranges (RFC 9110 §14.2).
      const again = await stage.ask("HEAD", target, asked);
      assertEquals(again.status, 200);
      assertEquals(again.fields.get("content-length"), String(content.length));
      assertEquals(again.fields.get("content-range"), undefined);
    }
  },
);

const EMPTY_ROWS: readonly [range: string, status: number][] = [
  ["bytes=0-0", 416],
  ["bytes=0-", 416],
  ["bytes=-0", 416],
  ["bytes=1-", 416],
  ["bytes=0-0,1-1", 416],
  ["bytes=-1", 200],
  [`bytes=-${BIG}`, 200],
  ["bytes=", 200],
];

testRows(
  "Range: of an empty file",
  {
    "empty.txt": "",
  },
  EMPTY_ROWS,
  ([range, status]) =>
    `Range: ${range.slice(0, 20)} of an empty file is ${status}`,
  async (stage, [range, status]) => {
    const { fields, ...response } = await stage.ask("GET", "/empty.txt", {
      Range: range,
    });
    assertEquals(response.status, status);
    const unsatisfied = status === 416 ? "bytes */0" : undefined;
    assertEquals(fields.get("content-range"), unsatisfied);
    if (status === 200) assertEquals(fields.get("content-length"), "0");
  },
);

testStage(
  "a large file that comes in pieces is the file",
  SUBJECT_FILES,
  async (stage) => {
    const head = await stage.ask("HEAD", "/large.bin");
    const tag = head.fields.get("etag")!;
    let text = "";
    while (text.length < LARGE.length) {
      const range = `bytes=${text.length}-${text.length + 299_999}`;
      const piece = await stage.ask("GET", "/large.bin", {
        "Range": range,
        "If-Range": tag,
      });
      assertEquals(piece.status, 206);
      text += piece.body;
    }
    assert(text === LARGE);
  },
);

testStage(
  "large parts of a large file come whole",
  SUBJECT_FILES,
  async (stage) => {
    const range = "bytes=600000-999999,1-299999,-3";
    const response = await stage.ask("GET", "/large.bin", { Range: range });
    const parts = parseParts(response);
    assertEquals(parts.map(({ range }) => range), [
      `bytes 600000-999999/${LARGE.length}`,
      `bytes 1-299999/${LARGE.length}`,
      `bytes ${LARGE.length - 3}-${LARGE.length - 1}/${LARGE.length}`,
    ]);
    assert(
      parts.map(({ body }) => body).join("") ===
        LARGE.slice(600_000, 1_000_000) + LARGE.slice(1, 300_000) +
          LARGE.slice(-3),
    );
  },
);

testStage("ranges with the tag of a variant are bytes of what is encoded", {
  "a.js": textOfLength(20_000),
}, async (stage) => {
  const made = await stage.getMade("/a.js", "gzip");
  const tag = made.fields.get("etag")!;
  const gzip = { "Accept-Encoding": "gzip", "If-Range": tag };
  const half = Math.floor(made.body.length / 2);
  const first = await stage.ask("GET", "/a.js", {
    ...gzip,
    Range: `bytes=0-${half - 1}`,
  });
  const second = await stage.ask("GET", "/a.js", {
    ...gzip,
    Range: `bytes=${half}-`,
  });
  for (const { status, fields } of [first, second]) {
    assertEquals([status, fields.get("content-encoding")], [206, "gzip"]);
    assertEquals(fields.get("etag"), made.fields.get("etag"));
    assertEquals(fields.get("vary"), "Accept-Encoding");
  }
  const joined = { ...made, body: first.body + second.body };
  assertEquals(decodedBody(joined), textOfLength(20_000));
  // A client that names no tag gets bytes of the file as it is, whatever it accepts.
  for (const accepted of ["identity", "gzip", "*"]) {
    const plain = await stage.ask("GET", "/a.js", {
      "Accept-Encoding": accepted,
      "Range": "bytes=0-3",
    });
    assertEquals(plain.body, "line");
    assertEquals(plain.fields.get("content-encoding"), undefined);
  }
});

testStage(
  "a Range that comes in two lines is none",
  SUBJECT_FILES,
  async (stage) => {
    const answer = await exchange(
      stage.port,
      bytesOf(
        "GET /small.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
          "Range: bytes=0-0\r\nRange: bytes=2-2\r\n\r\n",
      ),
    );
    assertEquals(parseResponses(answer, ["GET"])[0]!.status, 200);
  },
);

testStage("a page of the site's own says what an unsatisfiable range means", {
  ...SUBJECT_FILES,
  "416.html": "too far",
}, async (stage) => {
  const { status, fields, body } = await stage.ask("GET", "/small.txt", {
    Range: "bytes=1000-",
  });
  assertEquals([status, body], [416, "too far"]);
  assertEquals(fields.get("content-range"), "bytes */1000");
  assertEquals(fields.get("cache-control"), "no-store");
});
