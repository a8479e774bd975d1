import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { Coding } from "../../lib/http/coding.ts";
import { HAS_NETWORK, testWith } from "../helpers.ts";
import {
  encode,
  MADE_TOKENS,
  PAST,
  PAST_DATES,
  Stage,
  SUBJECT_FILES,
  SUBJECTS,
  testStage,
  textOfLength,
} from "./stage.ts";

const TEXT = textOfLength(5000);
const LATER = new Date(PAST.getTime() + 1000);
const MIB = 1024 * 1024;

/** The tag of what is answered. */
async function tagOf(
  stage: Stage,
  target: string,
  accept = "identity",
): Promise<string> {
  const { fields } = await stage.get(target, { "Accept-Encoding": accept });
  return fields.get("etag")!;
}

for (const { name, target, fields, hasDate } of SUBJECTS) {
  testStage(
    `${name} has a strong tag that stays the same`,
    SUBJECT_FILES,
    async (stage) => {
      const first = await stage.get(target, fields);
      const tag = first.fields.get("etag")!;
      assertMatch(tag, /^"[\w-]+"$/);
      stage.advance(60_000);
      const second = await stage.get(target, fields);
      assertEquals(second.fields.get("etag"), tag);
      assertEquals(
        first.fields.get("last-modified"),
        hasDate ? PAST_DATES[0] : undefined,
      );
    },
  );
}

/** Content, and whether its tag is made of it rather than of its size and time. */
const CONTENT_ROWS: readonly [
  name: string,
  length: number,
  isDigest: boolean,
][] = [
  ["an empty file", 0, true],
  ["a byte", 1, true],
  ["a text", 5000, true],
  ["the largest file that fits the cache", MIB, true],
  ["a file that is one byte larger", MIB + 1, false],
];

for (const [name, length, isDigest] of CONTENT_ROWS) {
  testWith(
    HAS_NETWORK,
    `${name} has an equal tag on two servers ${
      isDigest ? "whatever" : "only at"
    } its time`,
    async () => {
      const bytes = new Uint8Array(length);
      await using one = new Stage({ "a.bin": bytes, "b.bin": bytes });
      await using other = new Stage({ "c.bin": bytes });
      other.write("d.bin", bytes, LATER);
      const tag = await tagOf(one, "/a.bin");
      assertEquals(await tagOf(one, "/b.bin"), tag);
      assertEquals(await tagOf(other, "/c.bin"), tag);
      assertEquals((await tagOf(other, "/d.bin")) === tag, isDigest);
    },
  );

  testStage(`${name} has another tag when it has changed`, {
    "a.bin": new Uint8Array(length),
  }, async (stage) => {
    const tag = await tagOf(stage, "/a.bin");
    stage.write("a.bin", new Uint8Array(Math.max(length, 1)).fill(1), LATER);
    const changed = await tagOf(stage, "/a.bin");
    assertNotEquals(changed, tag);
    stage.write("a.bin", new Uint8Array(length), new Date(LATER.getTime() + 1));
    assertEquals((await tagOf(stage, "/a.bin")) === tag, isDigest);
    stage.write("a.bin", new Uint8Array(length));
    assertEquals(await tagOf(stage, "/a.bin"), tag);
  });
}

testStage("a changed file has its new tag, date and length in one answer", {
  "a.txt": "old",
}, async (stage) => {
  assertEquals((await stage.get("/a.txt")).body, "old");
  stage.write("a.txt", "newer", LATER);
  const { fields, body } = await stage.get("/a.txt");
  assertEquals(body, "newer");
  assertEquals(fields.get("content-length"), "5");
  assertEquals(fields.get("last-modified"), "Wed, 01 May 2024 10:20:31 GMT");
});

const SIBLINGS = {
  "a.js": TEXT,
  "a.js.br": encode("br", TEXT),
  "a.js.zst": encode("zstd", TEXT),
  "a.js.gz": encode("gzip", TEXT),
};
const TOKENS: readonly Coding["token"][] = ["br", "zstd", "gzip"];

testStage(
  "each encoding of a file has a tag of its own, and siblings another one under their own names",
  SIBLINGS,
  async (stage) => {
    const tags = [await tagOf(stage, "/a.js")];
    for (const token of TOKENS) tags.push(await tagOf(stage, "/a.js", token));
    for (const suffix of ["br", "zst", "gz"]) {
      tags.push(await tagOf(stage, `/a.js.${suffix}`));
    }
    assertEquals(new Set(tags).size, 7);
  },
);

testWith(
  HAS_NETWORK,
  "equal variants have equal tags on two servers, whatever the time of the siblings",
  async () => {
    await using one = new Stage(SIBLINGS);
    await using other = new Stage({ "a.js": TEXT });
    other.write("a.js.br", SIBLINGS["a.js.br"], LATER);
    assertEquals(
      await tagOf(other, "/a.js", "br"),
      await tagOf(one, "/a.js", "br"),
    );
  },
);

testWith(
  HAS_NETWORK,
  "variants that two servers have made have equal tags",
  async () => {
    await using one = new Stage({ "a.js": TEXT });
    await using other = new Stage({});
    other.write("a.js", TEXT, LATER);
    for (const token of MADE_TOKENS) {
      const made = await one.getMade("/a.js", token);
      assertEquals(made.fields.get("content-encoding"), token);
      const same = await other.getMade("/a.js", token);
      assertEquals(same.fields.get("etag"), made.fields.get("etag"));
    }
  },
);

testStage("a variant of a large file has a tag of its own", {
  "a.txt": textOfLength(MIB + 1),
}, async (stage) => {
  const tag = await tagOf(stage, "/a.txt");
  const made = await stage.getMade("/a.txt", "gzip");
  assertEquals(made.fields.get("content-encoding"), "gzip");
  assertMatch(made.fields.get("etag")!, /^"[\w-]+-gzip"$/);
  assertNotEquals(made.fields.get("etag"), tag);
});

/** Times that tell nothing of a change: clocks and archives have put them there. */
const FROZEN_TIMES: Readonly<Record<string, () => number>> = {
  "the epoch": () => 0,
  "Nix": () => 1000,
  "before the epoch": () => -2000,
  "the second day": () => 86_400_000,
  "ZIP without times": () => Date.UTC(1980, 0, 1),
  "npm": () => Date.UTC(1985, 9, 26, 8, 15),
  "tomorrow": () => Date.now() + 86_400_000,
};

/** Sizes of files in memory and on disk. */
const SIZES: Readonly<Record<string, number>> = {
  "a small file": 10,
  "a large file": MIB + 1,
};

for (const [size, length] of Object.entries(SIZES)) {
  for (const [name, time] of Object.entries(FROZEN_TIMES)) {
    testStage(
      `the time of ${size} from ${name} is no validator`,
      {},
      async (stage) => {
        const date = new Date(time());
        stage.write("a.bin", new Uint8Array(length), date);
        const { fields } = await stage.ask("GET", "/a.bin");
        assertEquals(fields.get("last-modified"), undefined);
        const tag = fields.get("etag");
        if (length < MIB) assertMatch(tag!, /^"[\w-]+"$/);
        else assertEquals(tag, undefined);
        const told = date.toUTCString();
        const questions: readonly (readonly [string, string, number])[] = [
          ["If-Modified-Since", told, 200],
          ["If-Modified-Since", new Date().toUTCString(), 200],
          ["If-Unmodified-Since", told, 200],
          ["If-Range", told, 200],
        ];
        for (const [field, value, status] of questions) {
          const answer = await stage.ask("GET", "/a.bin", {
            [field]: value,
            ...field === "If-Range" ? { Range: "bytes=5-" } : {},
          });
          assertEquals([field, answer.status], [field, status]);
        }
      },
    );
  }
}

testStage(
  "a large file put in the place of another of the same frozen time is not taken for it",
  {},
  async (stage) => {
    for (const time of [0, Date.UTC(1985, 9, 26, 8, 15)]) {
      const date = new Date(time);
      stage.write("a.bin", new Uint8Array(MIB + 1).fill(1), date);
      const { fields } = await stage.ask("GET", "/a.bin");
      stage.write("b.bin", new Uint8Array(MIB + 1).fill(2), date);
      Deno.renameSync(
        stage.directory.join("b.bin"),
        stage.directory.join("a.bin"),
      );
      const answer = await stage.ask("GET", "/a.bin", {
        "Range": "bytes=1000-1009",
        "If-Range": fields.get("etag") ?? '"none"',
      });
      assertEquals(answer.status, 200);
    }
  },
);
