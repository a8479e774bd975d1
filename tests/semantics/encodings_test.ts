import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import type { Coding } from "../../lib/http/coding.ts";
import { bytesOf, Random } from "../helpers.ts";
import {
  decodedBody,
  encode,
  type Fields,
  HAS_ZSTD,
  MADE_TOKENS,
  PAST,
  type Stage,
  testStage,
  textOfLength,
} from "./stage.ts";

type Token = Coding["token"];

const TOKENS: readonly Token[] = ["br", "zstd", "gzip"];
const SUFFIXES: Readonly<Record<Token, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};
const ALL = "gzip, deflate, br, zstd";
const TEXT = textOfLength(5000);
const EARLIER = new Date(PAST.getTime() - 1000);
const LATER = new Date(PAST.getTime() + 1000);
const MIB = 1024 * 1024;

/** The files of a script with siblings for these codings. */
function scriptFiles(...tokens: Token[]): Record<string, string | Uint8Array> {
  const siblings = tokens.map((token) =>
    [`a.js${SUFFIXES[token]}`, encode(token, TEXT)] as const
  );
  return { "a.js": TEXT, ...Object.fromEntries(siblings) };
}

/** The coding of what is answered; the content must be right, and the fields must say so. */
async function codingOf(
  stage: Stage,
  target: string,
  content: string,
  accept: string | undefined,
): Promise<string> {
  const fields: Fields = accept === undefined
    ? {}
    : { "Accept-Encoding": accept };
  const response = await stage.get(target, fields);
  assertEquals(response.status, 200);
  assertEquals(response.fields.get("vary"), "Accept-Encoding");
  assert(decodedBody(response) === content);
  return response.fields.get("content-encoding") ?? "identity";
}

/** What is asked for, and which of a script's siblings it gets when all are there, and when only some are. */
const ACCEPT_ROWS: readonly [
  accept: string | undefined,
  all: string,
  gzipOnly: string,
][] = [
  [undefined, "identity", "identity"],
  ["", "identity", "identity"],
  ["identity", "identity", "identity"],
  ["br", "br", "identity"],
  ["zstd", "zstd", "identity"],
  ["gzip", "gzip", "gzip"],
  ["GZIP", "gzip", "gzip"],
  ["x-gzip", "gzip", "gzip"],
  ["deflate", "identity", "identity"],
  [ALL, "br", "gzip"],
  ["gzip, zstd", "zstd", "gzip"],
  ["*", "br", "gzip"],
  ["*;q=0", "identity", "identity"],
  ["br;q=0, *", "zstd", "gzip"],
  ["gzip;q=0, *", "br", "identity"],
  ["br;q=0.5, gzip", "gzip", "gzip"],
  ["br;q=0.1, zstd;q=0.2, gzip;q=0.3", "gzip", "gzip"],
  ["br;q=0.999, zstd;q=1.000", "zstd", "identity"],
  ["br;q=0", "identity", "identity"],
  ["br;q=0.0", "identity", "identity"],
  ["br;q=2, gzip;q=0.001", "gzip", "gzip"],
  ["br;q=0.1234, gzip;q=0.001", "gzip", "gzip"],
  ["gzip;q=0.5, identity", "identity", "identity"],
  ["gzip;q=0.5, identity;q=0.2", "gzip", "gzip"],
  ["identity;q=0", "identity", "identity"],
  ["identity;q=0, gzip", "gzip", "gzip"],
  ["identity;q=0, br", "br", "identity"],
  ["brotli, gzipped", "identity", "identity"],
  [",,;q=1,gzip;q", "identity", "identity"],
];

for (const [accept, all, gzipOnly] of ACCEPT_ROWS) {
  const name = accept === undefined ? "no field" : `"${accept}"`;
  testStage(
    `Accept-Encoding: ${name} chooses among siblings`,
    scriptFiles(...TOKENS),
    async (stage) => {
      assertEquals(await codingOf(stage, "/a.js", TEXT, accept), all);
      for (const name of ["a.js.br", "a.js.zst"]) {
        Deno.removeSync(stage.directory.join(name));
      }
      assertEquals(await codingOf(stage, "/a.js", TEXT, accept), gzipOnly);
    },
  );
}

testStage("the preferred coding wins among those that are made", {
  "a.js": TEXT,
}, async (stage) => {
  for (const token of MADE_TOKENS) await stage.getMade("/a.js", token);
  for (const [accept, all] of ACCEPT_ROWS) {
    if (all === "zstd" && !HAS_ZSTD) continue;
    assertEquals(await codingOf(stage, "/a.js", TEXT, accept), all, accept);
  }
});

for (const token of MADE_TOKENS) {
  testStage(`the first answer is as it is, a later one has ${token}`, {
    "a.js": TEXT,
  }, async (stage) => {
    const fields = { "Accept-Encoding": token };
    const first = await stage.ask("GET", "/a.js", fields);
    assertEquals(first.fields.get("content-encoding"), undefined);
    assertEquals(first.fields.get("vary"), "Accept-Encoding");
    assertEquals(first.body, TEXT);
    await stage.site.idle();
    const { fields: later, body } = await stage.get("/a.js", fields);
    assertEquals(await codingOf(stage, "/a.js", TEXT, token), token);
    assertEquals(later.get("content-type"), "text/javascript; charset=UTF-8");
    assertEquals(later.get("content-length"), String(body.length));
    assertEquals(later.get("last-modified"), first.fields.get("last-modified"));
    assertNotEquals(later.get("etag"), first.fields.get("etag"));
    assertLess(body.length, TEXT.length / 2);
  });
}

testStage(
  "while the coding that suits best is made, another one that is ready is sent",
  { "a.js": TEXT },
  async (stage) => {
    await stage.getMade("/a.js", "gzip");
    const { fields } = await stage.ask("GET", "/a.js", {
      "Accept-Encoding": ALL,
    });
    assertEquals(fields.get("content-encoding"), "gzip");
    await stage.site.idle();
    assertEquals(await codingOf(stage, "/a.js", TEXT, ALL), "br");
  },
);

testStage("HEAD and 304 make a variant as GET does", {
  "a.js": TEXT,
  "b.js": TEXT,
}, async (stage) => {
  await stage.ask("HEAD", "/a.js", { "Accept-Encoding": "gzip" });
  await stage.ask("GET", "/b.js", {
    "Accept-Encoding": "gzip",
    "If-None-Match": "*",
  });
  await stage.site.idle();
  for (const target of ["/a.js", "/b.js"]) {
    assertEquals(await codingOf(stage, target, TEXT, "gzip"), "gzip");
  }
});

/** Bytes of which a little can be saved: so many that have no order, and so many that are alike. */
function hardlySmaller(random: number, alike: number): Uint8Array {
  const bytes = new Uint8Array(random + alike).fill(97);
  bytes.set(new Random(7).bytes(random));
  return bytes;
}

/** Files, and whether variants of them are made. */
const MADE_ROWS: readonly [
  name: string,
  path: string,
  content: string | Uint8Array,
  isMade: boolean,
][] = [
  ["1023 bytes", "a.js", textOfLength(1023), false],
  ["1024 bytes", "a.js", textOfLength(1024), true],
  ["just more than fits the cache", "a.txt", textOfLength(MIB + 1), true],
  ["10 MiB", "a.txt", new Uint8Array(10 * MIB), true],
  ["a byte more than 10 MiB", "a.txt", new Uint8Array(10 * MIB + 1), false],
  ["a picture", "a.png", TEXT, false],
  ["an archive", "a.zip", TEXT, false],
  ["a video", "a.mp4", TEXT, false],
  ["an unknown type", "a.unknown", `\0${TEXT}`, false],
  ["text of an unknown type", "a.unknown", TEXT, true],
  ["a drawing", "a.svg", TEXT, true],
  ["a module", "a.wasm", TEXT, true],
  ["JSON", "a.json", TEXT, true],
  ["no order at all", "a.txt", new Random(7).bytes(5000), false],
  ["3 % to save", "a.txt", hardlySmaller(9600, 400), false],
  ["8 % to save", "a.txt", hardlySmaller(9100, 900), true],
];

for (const [name, path, content, isMade] of MADE_ROWS) {
  testStage(`a file with ${name} is ${isMade ? "" : "not "}compressed`, {
    [path]: content,
  }, async (stage) => {
    const asked = { "Accept-Encoding": "gzip" };
    await stage.ask("HEAD", `/${path}`, asked);
    await stage.site.idle();
    const { fields } = await stage.ask("HEAD", `/${path}`, asked);
    assertEquals(fields.get("content-encoding") === "gzip", isMade);
    const length = Number(fields.get("content-length"));
    if (isMade) assertLess(length, 0.95 * content.length);
    else assertEquals(length, content.length);
  });
}

testStage("nothing is compressed when that is not wanted, but siblings serve", {
  ...scriptFiles("gzip"),
  "b.js": TEXT,
}, async (stage) => {
  assertEquals(await codingOf(stage, "/a.js", TEXT, ALL), "gzip");
  assertEquals(await codingOf(stage, "/b.js", TEXT, ALL), "identity");
  await stage.site.idle();
  assertEquals(await codingOf(stage, "/b.js", TEXT, ALL), "identity");
}, { compress: false });

testStage(
  "nothing is made beside siblings",
  scriptFiles("gzip"),
  async (stage) => {
    await stage.getMade("/a.js", "br");
    assertEquals(await codingOf(stage, "/a.js", TEXT, "br"), "identity");
    assertEquals(await codingOf(stage, "/a.js", TEXT, ALL), "gzip");
  },
);

testStage("what is not worth compressing has no Vary", {
  "a.png": "picture",
}, async (stage) => {
  const { fields } = await stage.get("/a.png", { "Accept-Encoding": ALL });
  assertEquals(fields.get("vary"), undefined);
  assertEquals(fields.get("content-encoding"), undefined);
});

/** Files of types that are not worth compressing, which somebody has compressed all the same. */
const ANY_TYPE_ROWS: readonly string[] = [
  "a.png",
  "a.zip",
  "a.unknown",
  "LICENSE",
];

for (const name of ANY_TYPE_ROWS) {
  for (const token of TOKENS) {
    testStage(`${name}${SUFFIXES[token]} is sent for ${name}`, {
      [name]: TEXT,
      [`${name}${SUFFIXES[token]}`]: encode(token, TEXT),
    }, async (stage) => {
      assertEquals(await codingOf(stage, `/${name}`, TEXT, token), token);
      assertEquals(
        await codingOf(stage, `/${name}`, TEXT, "identity"),
        "identity",
      );
      const partial = await stage.ask("GET", `/${name}`, {
        Range: "bytes=0-3",
      });
      assertEquals([partial.status, partial.body], [206, TEXT.slice(0, 4)]);
      assertEquals(partial.fields.get("vary"), "Accept-Encoding");
    });
  }
}

testStage(
  "from the moment that a picture has a sibling every answer says so",
  { "a.png": TEXT },
  async (stage) => {
    const fields = { "Accept-Encoding": "gzip" };
    const before = await stage.get("/a.png", fields);
    assertEquals(before.fields.get("vary"), undefined);
    stage.write("a.png.gz", encode("gzip", TEXT));
    stage.advance(2000);
    assertEquals(await codingOf(stage, "/a.png", TEXT, "identity"), "identity");
    assertEquals(await codingOf(stage, "/a.png", TEXT, "gzip"), "gzip");
    const unmodified = await stage.ask("GET", "/a.png", {
      "If-None-Match": before.fields.get("etag")!,
    });
    assertEquals(unmodified.status, 304);
    assertEquals(unmodified.fields.get("vary"), "Accept-Encoding");
    Deno.removeSync(stage.directory.join("a.png.gz"));
    // Caches may still have the other one.
    assertEquals(await codingOf(stage, "/a.png", TEXT, "gzip"), "identity");
  },
);

testStage(
  "a sibling is a file under its own name",
  scriptFiles("gzip"),
  async (stage) => {
    const { fields, body } = await stage.get("/a.js.gz", {
      "Accept-Encoding": ALL,
    });
    assertEquals(fields.get("content-encoding"), undefined);
    assertEquals(fields.get("content-type"), "application/gzip");
    assertEquals(bytesOf(body), encode("gzip", TEXT));
  },
);

testStage("an index, a clean URL and an error page have encodings as well", {
  "index.html": TEXT,
  "about.html": TEXT,
  "404.html": TEXT,
}, async (stage) => {
  for (
    const [target, status] of [["/", 200], ["/about", 200], [
      "/missing",
      404,
    ]] as const
  ) {
    const response = await stage.getMade(target, "gzip");
    assertEquals(response.status, status);
    assertEquals(response.fields.get("content-encoding"), "gzip");
    assertEquals(response.fields.get("vary"), "Accept-Encoding");
    assertEquals(decodedBody(response), TEXT);
  }
});

testStage("other clients are served while a large file is compressed", {
  "a.txt": textOfLength(8 * MIB),
  "b.txt": "b",
}, async (stage) => {
  let isSettled = false;
  await stage.ask("HEAD", "/a.txt", { "Accept-Encoding": "br" });
  const settled = stage.site.idle().then(() => isSettled = true);
  for (let count = 0; count < 5; count++) {
    assertEquals((await stage.ask("GET", "/b.txt")).body, "b");
  }
  assertEquals(isSettled, false);
  await settled;
  const { fields } = await stage.ask("HEAD", "/a.txt", {
    "Accept-Encoding": "br",
  });
  assertEquals(fields.get("content-encoding"), "br");
});

/** Ages of siblings relative to their file. */
const AGE_ROWS: readonly [name: string, modified: Date, isUsed: boolean][] = [
  ["as old as its file", PAST, true],
  ["younger than its file", LATER, true],
  ["a second older than its file", EARLIER, false],
  ["a millisecond older than its file", new Date(PAST.getTime() - 1), false],
];

for (const token of TOKENS) {
  for (const [name, modified, isUsed] of AGE_ROWS) {
    testStage(
      `a ${SUFFIXES[token]} file ${name} is ${isUsed ? "" : "not "}used`,
      { "a.js": TEXT },
      async (stage) => {
        stage.write(`a.js${SUFFIXES[token]}`, encode(token, TEXT), modified);
        const coding = await codingOf(stage, "/a.js", TEXT, token);
        assertEquals(coding, isUsed ? token : "identity");
      },
      { compress: false },
    );
  }
}
