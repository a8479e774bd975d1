import { assert, assertEquals } from "@std/assert";
import {
  isHashedName,
  mayHaveHash,
} from "../../../lib/site/content/hashed_name.ts";
import { Random } from "../../helpers.ts";
import { BUILDS, LOOKALIKES } from "./hashed_names.ts";
import { assertQuick } from "../../quickness.ts";

for (const { tool, options, seen, missed } of BUILDS) {
  Deno.test(`isHashedName() sees the hashes of ${tool} (${options})`, () => {
    assertEquals(seen.filter((path) => !isHashedName(path)), []);
    assertEquals(missed.filter((path) => isHashedName(path)), []);
  });
}

for (const { kind, paths } of LOOKALIKES) {
  Deno.test(`isHashedName() is not deceived by ${kind}`, () => {
    assertEquals(paths.filter((path) => isHashedName(path)), []);
  });
}

Deno.test("isHashedName() is proven on names enough, each in one place", () => {
  const seen = BUILDS.flatMap((build) => build.seen);
  const missed = BUILDS.flatMap((build) => build.missed);
  const lookalikes = LOOKALIKES.flatMap((group) => group.paths);
  const all = [...seen, ...missed, ...lookalikes];
  assert(seen.length >= 90);
  assert(lookalikes.length >= 120);
  assertEquals(new Set(all).size, all.length);
});

// What makes a name a hashed one: each pair differs in a single thing.
const PAIRS: readonly [why: string, hashed: string, plain: string][] = [
  ["a separator before the hash", "/app-BwQ2cD8a.js", "/appBwQ2cD8a.js"],
  ["a dash or a dot, no underline", "/app.BwQ2cD8a.js", "/app_BwQ2cD8a.js"],
  ["eight characters, not seven", "/app-BwQ2cD8a.js", "/app-BwQ2cD8.js"],
  ["eight characters, not nine", "/app-BwQ2cD8a.js", "/app-BwQ2cD8aX.js"],
  ["the hash at the end", "/app-BwQ2cD8a.js", "/app-BwQ2cD8a-de.js"],
  ["or before a word of the tool", "/a.1f0c9a7e.min.js", "/a.1f0c9a7e.old.js"],
  ["a type that tools hash", "/app-BwQ2cD8a.js", "/app-BwQ2cD8a.pdf"],
  ["its extension in small letters", "/a.1f0c9a7e.png", "/a.1f0c9a7e.PNG"],
  ["digits and letters", "/app.1f0c9a7e.js", "/app.19073624.js"],
  ["letters and digits", "/app.1f0c9a7e.js", "/app.fecdacfe.js"],
  ["mixed, not in two blocks", "/app.1f0c9a7e.js", "/app.10497fae.js"],
  ["small letters in hexadecimal", "/app.1f0c9a7e.js", "/app.1F0C9A7E.js"],
  [
    "a length that tools choose",
    "/a-8f2d6a9b1c3e4f50.js",
    "/a-8f2d6a9b1c3e4f5.js",
  ],
  [
    "not the length of an ObjectId",
    "/a.8f2d6a9b1c3e4f50a7b6.js",
    "/a.8f2d6a9b1c3e4f50a7b6c1d2.js",
  ],
  [
    "no digest alone but of twenty digits, for a picture",
    "/8f2d6a9b1c3e4f50a7b6.png",
    "/8f2d6a9b1c3e4f50.png",
  ],
  [
    "a digest alone is enough for a script",
    "/8f2d6a9b1c3e4f50.js",
    "/8f2d6a9b.js",
  ],
  [
    "a dot before eight digits, for a picture",
    "/a.1f0c9a7e.png",
    "/a-1f0c9a7e.png",
  ],
  [
    "a digest, not a UUID without its dashes",
    "/a-8f2d6a9b1c3e9f50a7b6c1d29e0f4a5b.js",
    "/a-8f2d6a9b1c3e3f50a7b6c1d29e0f4a5b.js",
  ],
  ["capitals and digits from 2 to 7", "/app-5ZLCKXQJ.js", "/app-8ZLCKXQJ.js"],
  [
    "capitals and digits in scripts only",
    "/app-5Z6CKXQJ.js",
    "/app-5Z6CKXQJ.png",
  ],
  ["no letters alone", "/chunk-NKPZI5RQ.js", "/chunk-NKPZIFRQ.js"],
  ["nobody's identifier", "/ship-1f0c9a7e.js", "/ip-1f0c9a7e.js"],
  [
    "a hash alone only where a tool rules",
    "/_app/immutable/chunks/Bjy-W4x2.js",
    "/chunks/Bjy-W4x2.js",
  ],
  [
    "the tool's directory below a base path too",
    "/docs/_next/static/chunks/0cz1d0mv5g_q7.js",
    "/docs/_next/chunks/0cz1d0mv5g_q7.js",
  ],
  [
    "a picture's variant by Astro",
    "/_astro/hero.C36uKh3O_2qzv8F.webp",
    "/assets/hero.C36uKh3O_2qzv8F.webp",
  ],
  [
    "a random build identifier of Next.js",
    "/_next/static/OiTGh0xb6MKDA1UGVQYQU/_buildManifest.js",
    "/_next/static/production-of-january/_buildManifest.js",
  ],
  [
    "a font of Next.js",
    "/_next/static/media/15fb600d42056579-s.p.woff2",
    "/media/15fb600d42056579-s.p.woff2",
  ],
];

for (const [why, hashed, plain] of PAIRS) {
  Deno.test(`isHashedName() wants ${why}: ${hashed}, not ${plain}`, () => {
    assertEquals([isHashedName(hashed), isHashedName(plain)], [true, false]);
  });
}

// A step that is quadratic in these lengths would take minutes.
const LENGTH = 1_000_000;
const LONG: readonly [name: string, path: string][] = [
  ["letters", "/" + "a".repeat(LENGTH) + ".js"],
  ["hexadecimal digits", "/x-" + "0f".repeat(LENGTH / 2) + ".js"],
  ["dashes", "/" + "-".repeat(LENGTH) + ".js"],
  ["dots", "/" + ".".repeat(LENGTH) + "js"],
  ["slashes", "/".repeat(LENGTH) + "a.js"],
  ["capitals before a small letter", "/x-" + "A".repeat(LENGTH) + "a.js"],
  ["afterwords", "/a" + ".min".repeat(LENGTH / 4) + ".js"],
  ["tool directories", "/_next/static".repeat(LENGTH / 13) + "/a.js"],
  [
    "a build identifier",
    "/_next/static/" + "aB1".repeat(LENGTH / 3) + "/_a.js",
  ],
  ["an extension", "/a." + "j".repeat(LENGTH)],
  ["characters beyond ASCII", "/" + "\u{1F600}".repeat(LENGTH / 2) + ".js"],
];

for (const [name, path] of LONG) {
  Deno.test(`isHashedName() takes linear time on a million of ${name}`, async () => {
    await assertQuick(2000, () => {
      assertEquals(isHashedName(path), false);
      mayHaveHash(path);
    });
  });
}

Deno.test("isHashedName() sees a hash behind a path of 8 KiB", () => {
  assertEquals(isHashedName("/a".repeat(4096) + "/app-BwQ2cD8a.js"), true);
  assertEquals(isHashedName("/" + "a".repeat(8192) + "-BwQ2cD8a.js"), true);
});

const BASE64URL =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Hashes as tools write them: the alphabet, the length, and how many of 100 may have one. */
const RANDOM: readonly (readonly [
  tool: string,
  alphabet: string,
  name: (hash: string) => string,
  length: number,
  percent: number,
])[] = [
  ["esbuild", BASE64URL.slice(0, 26) + "234567", (h) => `chunk-${h}.js`, 8, 97],
  ["Vite", BASE64URL, (h) => `index-${h}.js`, 8, 97],
  ["images of Vite", BASE64URL, (h) => `logo-${h}.png`, 8, 97],
  ["Parcel", "0123456789abcdef", (h) => `index.${h}.js`, 8, 96],
  ["webpack", "0123456789abcdef", (h) => `main.${h}.css`, 20, 99],
  ["Rollup, 20 characters", BASE64URL, (h) => `a-${h}.js`, 20, 97],
];

for (const [tool, alphabet, name, length, percent] of RANDOM) {
  Deno.test(`mayHaveHash() says yes to ${percent} of 100 hashes of ${tool}`, () => {
    const random = new Random(20261127);
    const letter = () => alphabet[random.below(alphabet.length)];
    let count = 0;
    for (let i = 0; i < 5000; i++) {
      if (mayHaveHash("/" + name(Array.from({ length }, letter).join("")))) {
        count++;
      }
    }
    assert(count >= 50 * percent, `${count / 50}`);
  });
}

/** Names that no release but the newest may answer. */
const NEVER: readonly string[] = [
  "/index.html",
  "/a-BwQ2cD8a.html",
  "/a-BwQ2cD8a.json",
  "/a-BwQ2cD8a.js.map",
  "/a-BwQ2cD8a.txt",
  "/a-BwQ2cD8a",
  "/.BwQ2cD8a.js",
  "/main.js",
  "/calendar.js",
  "/user-settings.js",
  "/jquery-3.7.1.min.js",
  "/IMG-20240131.jpg",
  "/photo-12345678.png",
  "/Calendar.js",
  "/app-1.0.0+BwQ2cD8a.js",
];

for (const path of NEVER) {
  Deno.test(`mayHaveHash() says no to ${path}`, () => {
    assertEquals(mayHaveHash(path), false);
  });
}

Deno.test("mayHaveHash() says yes to all that has a hash", () => {
  const seen = BUILDS.flatMap(({ seen }) => seen);
  assertEquals(seen.filter((path) => !mayHaveHash(path)), []);
});
