import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  bytesOf,
  exchange,
  parseResponses,
  type Response,
} from "../helpers.ts";
import {
  type Fields,
  PAST_DATES,
  type Stage,
  type Subject,
  SUBJECT_FILES,
  SUBJECTS,
  testRows,
  testStage,
} from "./stage.ts";

const DATE = PAST_DATES[0]!;
const BEFORE = "Wed, 01 May 2024 10:20:29 GMT";
const AFTER = "Wed, 01 May 2024 10:20:31 GMT";

/** Dates that are none, each for a reason of its own. */
const NO_DATES: readonly string[] = [
  "",
  "yesterday",
  "0",
  "1714558830",
  "2024-05-01T10:20:30Z",
  "Wed, 01 May 2024 10:20:30",
  "Wed, 01 May 2024 10:20:30 +0000",
  "Wed, 01 May 2024 10:20:30 GMT, Thu, 02 May 2024 10:20:30 GMT",
  "Wed, 32 May 2024 10:20:30 GMT",
  "Fri, 30 Feb 2024 10:20:30 GMT",
  "Wed, 01 May 2024 25:20:30 GMT",
  "Wed, 01 Mai 2024 10:20:30 GMT",
  `"${DATE}"`,
  "Wed, 01 May 99999999999999999999999 10:20:30 GMT",
];

/** A request's conditions, and what they come to. */
interface Row {
  readonly name: string;
  /** The fields; `tag` is the current one. */
  readonly fields: (tag: string) => Fields;
  readonly status: 200 | 304 | 412;
  /** Where there is no Last-Modified, when that makes a difference. */
  readonly undated?: 200 | 304 | 412;
}

const MATCHING: Readonly<Record<string, (tag: string) => string>> = {
  "the tag": (tag) => tag,
  "a star": () => "*",
  "a list with the tag": (tag) => `"a", ${tag}, "b"`,
  "a list with the tag, and no spaces": (tag) => `"a",${tag},"b"`,
  "a list with the tag, and empty elements": (tag) => `, ,${tag},,`,
  "a list of many tags": (tag) => `${'"abcdefgh", '.repeat(500)}${tag}`,
  "a tag with a comma in it, and the tag": (tag) => `"a,b", ${tag}`,
  "the tag behind one with every byte": (tag) => `"!#~\x80\xff", ${tag}`,
};

const OTHERS: Readonly<Record<string, (tag: string) => string>> = {
  "another tag": () => '"another"',
  "a list of other tags": () => '"a", "b", W/"c"',
  "an empty list": () => ",",
  "an empty value": () => "",
  "the tag without quotes": (tag) => tag.slice(1, -1),
  "the tag without its end": (tag) => tag.slice(0, -1),
  "the tag in single quotes": (tag) => tag.replaceAll('"', "'"),
  "half the tag": (tag) => `${tag.slice(0, 5)}"`,
  "more than the tag": (tag) => `${tag.slice(0, -1)}x"`,
  "the tag in another case": (tag) =>
    tag.replace(
      /[a-z]/gi,
      (letter) =>
        letter === letter.toUpperCase()
          ? letter.toLowerCase()
          : letter.toUpperCase(),
    ),
  "the tag with a space in it": (tag) => tag.replace('"', '" '),
  "the tag, and then what is no tag": (tag) => `${tag}, tag`,
  "the tag without a comma before the next": (tag) => `${tag} "b"`,
  "a star among tags": (tag) => `*, ${tag}`,
  "a star in quotes": () => '"*"',
  "the tag with a weak prefix in lower case": (tag) => `w/${tag}`,
};

/** Everything about tags for one field, under which a match comes to one status and none to another. */
function tagRows(field: string, match: 200 | 304, other: 200 | 412): Row[] {
  const rowsOf = (
    values: Readonly<Record<string, (tag: string) => string>>,
    status: Row["status"],
  ) =>
    Object.entries(values).map(([name, valueOf]) => ({
      name: `${field} with ${name}`,
      fields: (tag: string) => ({ [field]: valueOf(tag) }),
      status,
    }));
  return [...rowsOf(MATCHING, match), ...rowsOf(OTHERS, other)];
}

/** Everything about dates for one field. */
function dateRows(
  field: string,
  before: 200 | 412,
  since: 200 | 304,
): Row[] {
  const row = (name: string, value: string, status: Row["status"]): Row => ({
    name: `${field} with ${name}`,
    fields: () => ({ [field]: value }),
    status,
    undated: 200,
  });
  return [
    ...PAST_DATES.map((date) => row(`the date as ${date}`, date, since)),
    row("a second before", BEFORE, before),
    row("a second after", AFTER, since),
    row("the beginning of time", "Thu, 01 Jan 1970 00:00:00 GMT", before),
    row("the end of time", "Fri, 31 Dec 9999 23:59:59 GMT", since),
    ...NO_DATES.map((date) => row(`"${date}", which is no date`, date, 200)),
  ];
}

const ROWS: readonly Row[] = [
  { name: "no condition", fields: () => ({}), status: 200 },
  ...tagRows("If-None-Match", 304, 200),
  ...tagRows("If-Match", 200, 412),
  {
    name: "If-None-Match with the tag, weak",
    fields: (tag) => ({ "If-None-Match": `W/${tag}` }),
    status: 304,
  },
  {
    name: "If-None-Match with a list with the tag, weak",
    fields: (tag) => ({ "If-None-Match": `"a", W/${tag}` }),
    status: 304,
  },
  {
    name: "If-Match with the tag, weak",
    fields: (tag) => ({ "If-Match": `W/${tag}` }),
    status: 412,
  },
  {
    name: "If-Match with the tag, weak and strong",
    fields: (tag) => ({ "If-Match": `W/${tag}, ${tag}` }),
    status: 200,
  },
  ...dateRows("If-Modified-Since", 200, 304),
  ...dateRows("If-Unmodified-Since", 412, 200),

  // Order (RFC 9110 §13.2.2).
  {
    name: "If-Match that fails, before If-None-Match",
    fields: (tag) => ({ "If-None-Match": tag, "If-Match": '"a"' }),
    status: 412,
  },
  {
    name: "If-Match that holds, and then If-None-Match",
    fields: (tag) => ({ "If-None-Match": tag, "If-Match": tag }),
    status: 304,
  },
  {
    name: "If-Match that holds, and then If-Modified-Since",
    fields: (tag) => ({ "If-Modified-Since": DATE, "If-Match": tag }),
    status: 304,
    undated: 200,
  },
  {
    name: "If-Unmodified-Since beside If-Match",
    fields: (tag) => ({ "If-Unmodified-Since": BEFORE, "If-Match": tag }),
    status: 200,
  },
  {
    name: "If-Unmodified-Since that fails, before If-None-Match",
    fields: (tag) => ({ "If-None-Match": tag, "If-Unmodified-Since": BEFORE }),
    status: 412,
    undated: 304,
  },
  {
    name: "If-Unmodified-Since that holds, and then If-Modified-Since",
    fields: () => ({ "If-Modified-Since": DATE, "If-Unmodified-Since": DATE }),
    status: 304,
    undated: 200,
  },
  {
    name: "If-Modified-Since beside If-None-Match that does not match",
    fields: () => ({ "If-None-Match": '"a"', "If-Modified-Since": DATE }),
    status: 200,
  },
  {
    name: "If-Modified-Since beside If-None-Match that matches",
    fields: (tag) => ({ "If-None-Match": tag, "If-Modified-Since": BEFORE }),
    status: 304,
  },
  {
    name: "If-Modified-Since beside If-None-Match that is no list",
    fields: () => ({ "If-None-Match": "a", "If-Modified-Since": DATE }),
    status: 200,
  },
  {
    name: "everything at once",
    fields: (tag) => ({
      "If-Match": "*",
      "If-Unmodified-Since": BEFORE,
      "If-None-Match": `W/${tag}`,
      "If-Modified-Since": BEFORE,
    }),
    status: 304,
  },
];

/** What a 304 has of the 200's fields, and nothing else (RFC 9110 §15.4.5). */
const KEPT = [
  "server",
  "date",
  "connection",
  "x-content-type-options",
  "referrer-policy",
  "etag",
  "cache-control",
  "vary",
];

function checkNotModified(response: Response, whole: Response): void {
  assertEquals(response.body, "");
  for (const name of KEPT) {
    if (name === "date") assert(response.fields.has(name));
    else assertEquals(response.fields.get(name), whole.fields.get(name), name);
  }
  assertEquals(
    [...response.fields.keys()].filter((n) => !KEPT.includes(n)),
    [],
  );
}

function checkFailed({ fields, body }: Response): void {
  assertEquals(fields.get("cache-control"), "no-store");
  assertEquals(fields.get("content-type"), "text/html; charset=UTF-8");
  assertMatch(body, /412 Precondition Failed/);
  for (const name of ["etag", "last-modified", "content-encoding"]) {
    assertEquals(fields.get(name), undefined, name);
  }
}

async function checkRow(
  stage: Stage,
  subject: Subject,
  row: Row,
): Promise<void> {
  const { target, fields, hasDate } = subject;
  const whole = await stage.ask("HEAD", target, fields);
  const conditions = row.fields(whole.fields.get("etag")!);
  const status = hasDate ? row.status : row.undated ?? row.status;
  const asked = { ...fields, ...conditions };
  // A large body tells nothing that the head does not.
  const response = subject.isLarge && status === 200
    ? await stage.ask("HEAD", target, asked)
    : await stage.get(target, asked);
  assertEquals(response.status, status, subject.name);
  if (status === 304) checkNotModified(response, whole);
  else if (status === 412) checkFailed(response);
  else assertEquals(response.fields.get("etag"), whole.fields.get("etag"));
}

testRows(
  "preconditions",
  SUBJECT_FILES,
  ROWS,
  (row) => `preconditions: ${row.name}`,
  async (stage, row) => {
    for (const subject of SUBJECTS) await checkRow(stage, subject, row);
  },
);

testStage(
  "the tag of one encoding is not that of another",
  SUBJECT_FILES,
  async (stage) => {
    const br = { "Accept-Encoding": "br" };
    const plain = (await stage.get("/app.js")).fields.get("etag")!;
    const encoded = (await stage.get("/app.js", br)).fields.get("etag")!;
    const rows: readonly [Fields, number][] = [
      [{ "If-None-Match": plain }, 304],
      [{ "If-None-Match": encoded }, 200],
      // Who has the file as it is needs no other encoding of it.
      [{ "If-None-Match": plain, ...br }, 304],
      [{ "If-None-Match": '"another"', ...br }, 200],
      [{ "If-None-Match": encoded, ...br }, 304],
      [{ "If-None-Match": `${plain}, ${encoded}`, ...br }, 304],
      [{ "If-Match": plain, ...br }, 412],
      [{ "If-Match": encoded, ...br }, 200],
    ];
    for (const [fields, status] of rows) {
      assertEquals((await stage.get("/app.js", fields)).status, status);
    }
  },
);

testStage(
  "a field that comes in several lines is one list",
  SUBJECT_FILES,
  async (stage) => {
    const tag = (await stage.get("/small.txt")).fields.get("etag")!;
    const answer = await exchange(
      stage.port,
      bytesOf(
        "GET /small.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
          `If-None-Match: "a"\r\nif-none-match: ${tag}\r\nIF-NONE-MATCH: "b"\r\n\r\n`,
      ),
    );
    assertEquals(parseResponses(answer, ["GET"])[0]!.status, 304);
  },
);

/** Answers that are no 200 without conditions, and so are the same with them (RFC 9110 §13.2.1). */
const UNCONDITIONAL: readonly [
  method: string,
  target: string,
  status: number,
][] = [
  ["GET", "/missing.txt", 404],
  ["HEAD", "/missing.txt", 404],
  ["GET", "/folder", 308],
  ["GET", "/.env", 404],
  ["GET", "/%00", 400],
  ["OPTIONS", "/small.txt", 204],
  ["POST", "/small.txt", 405],
];

for (const [method, target, status] of UNCONDITIONAL) {
  testStage(`conditions change nothing about ${method} ${target}`, {
    ...SUBJECT_FILES,
    ".env": "secret",
    "404.html": "not here",
  }, async (stage) => {
    for (
      const fields of [
        { "If-None-Match": "*" },
        { "If-Match": '"a"' },
        { "If-Modified-Since": AFTER },
        { "If-Unmodified-Since": BEFORE },
      ]
    ) {
      assertEquals((await stage.ask(method, target, fields)).status, status);
    }
  });
}

testStage("a page of the site's own says what a failed precondition means", {
  ...SUBJECT_FILES,
  "412.html": "changed",
}, async (stage) => {
  const response = await stage.get("/small.txt", { "If-Match": '"a"' });
  assertEquals([response.status, response.body], [412, "changed"]);
  assertEquals(response.fields.get("cache-control"), "no-store");
  assertEquals(response.fields.get("etag"), undefined);
});
