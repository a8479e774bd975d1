import { assertStrictEquals } from "@std/assert";
import { chooseCoding, type Coding, CODINGS } from "../../lib/http/coding.ts";
import { assertQuick } from "../quickness.ts";

/** The coding's token, or identity when none is chosen. */
type Token = Coding["token"] | "identity";

function choose(
  acceptEncoding: string | undefined,
  available: readonly Coding[] = CODINGS,
): Token {
  return chooseCoding(acceptEncoding, available)?.token ?? "identity";
}

function only(...tokens: readonly string[]): readonly Coding[] {
  return CODINGS.filter(({ token }) => tokens.includes(token));
}

const ROWS: readonly [
  name: string,
  acceptEncoding: string | undefined,
  want: Token,
  available?: readonly Coding[],
][] = [
  // No wish.
  ["no field", undefined, "identity"],
  ["an empty field", "", "identity"],
  ["only white space", " \t", "identity"],
  ["only commas", ", ,", "identity"],

  // What browsers and tools send.
  ["Chrome and Firefox", "gzip, deflate, br, zstd", "br"],
  ["Safari", "gzip, deflate, br", "br"],
  ["plain HTTP", "gzip, deflate", "gzip"],
  ["Python requests", "gzip, deflate, br", "gzip", only("gzip")],
  ["Go", "gzip", "gzip"],
  [
    "curl --compressed",
    "deflate, gzip, br, zstd",
    "zstd",
    only("zstd", "gzip"),
  ],
  ["wget", "identity", "identity"],
  ["Java", "gzip, x-gzip, deflate", "gzip"],
  ["a download that must not be encoded", "identity;q=1, *;q=0", "identity"],

  // What is there.
  ["nothing is available", "br, zstd, gzip", "identity", []],
  ["only what was not asked for", "br", "identity", only("gzip")],
  ["the second choice", "br, gzip;q=0.5", "gzip", only("zstd", "gzip")],
  ["the order of what is available", "br, gzip", "gzip", CODINGS.toReversed()],

  // Weights.
  ["equal weights: the server's order", "gzip, zstd, br", "br"],
  ["equal weights, not br", "gzip, zstd", "zstd"],
  ["the highest weight", "br;q=0.8, zstd;q=0.9, gzip;q=0.7", "zstd"],
  ["no weight means 1", "br;q=0.999, gzip", "gzip"],
  ["the smallest weight", "gzip;q=0.001", "gzip"],
  ["a difference of a thousandth", "br;q=0.500, gzip;q=0.501", "gzip"],
  ["0.5 equals 0.500", "gzip;q=0.500, br;q=0.5", "br"],
  ["1 equals 1.000", "gzip;q=1.000, br;q=1", "br"],
  ["0.05 below 0.5", "br;q=0.05, gzip;q=0.5", "gzip"],
  ["0. is 0", "gzip;q=0.", "identity"],
  ["1. is 1", "br;q=0.9, gzip;q=1.", "gzip"],
  ["weight 0", "gzip;q=0", "identity"],
  ["weight 0.000", "br;q=0.000, gzip;q=0.1", "gzip"],
  ["Q in upper case", "br;Q=0.1, gzip;Q=0.2", "gzip"],
  ["spaces around the semicolon", "br ; q=0.1, gzip \t;\t q=0.2", "gzip"],
  ["no spaces at all", "br;q=0.1,gzip;q=0.2", "gzip"],
  ["spaces around the list", " br;q=0.1 , gzip;q=0.2 ", "gzip"],
  ["empty elements", ",br;q=0.1,, ,gzip;q=0.2,", "gzip"],

  // Names.
  ["names in upper case", "GZIP;q=0.5, Br", "br"],
  ["x-gzip", "x-gzip", "gzip"],
  ["X-GZIP with weight 0", "X-GZIP;q=0, *", "identity", only("gzip")],
  ["an unknown coding", "deflate, compress, sdch", "identity"],
  ["a name that begins like one", "brotli, gzipped", "identity"],
  ["a name that ends like one", "xbr, x-zstd", "identity"],
  ["a name of an object's property", "constructor, __proto__", "identity"],

  // The star.
  ["a star", "*", "br"],
  ["a star, only gzip there", "*", "gzip", only("gzip")],
  ["a star with weight 0", "*;q=0", "identity"],
  ["a star for what is not named", "br;q=0.5, *", "zstd"],
  ["a star below what is named", "gzip, *;q=0.5", "gzip"],
  ["a star does not bring back weight 0", "br;q=0, *", "zstd"],
  ["a star with weight 0 spares what is named", "gzip, *;q=0", "gzip"],
  ["a star in front", "*;q=0.5, zstd;q=0.7", "zstd"],
  ["a star does not lift identity", "gzip;q=0.5, *", "gzip", only("gzip")],

  // identity.
  ["identity is lowest when not named", "gzip;q=0.001", "gzip"],
  ["identity above all", "gzip;q=0.5, identity", "identity"],
  ["identity above some", "br;q=0.2, gzip;q=0.8, identity;q=0.5", "gzip"],
  [
    "identity above what is there",
    "br;q=0.2, gzip;q=0.8, identity;q=0.5",
    "identity",
    only("br"),
  ],
  ["identity as high as a coding", "identity, gzip", "gzip"],
  ["identity below a coding", "gzip, identity;q=0.5", "gzip"],
  ["identity above a star", "identity, *;q=0.5", "identity"],
  ["identity in upper case", "IDENTITY, gzip;q=0.5", "identity"],
  ["identity excluded", "gzip, identity;q=0", "gzip"],
  [
    "identity excluded and nothing else there",
    "gzip, identity;q=0",
    "identity",
    [],
  ],
  ["identity excluded and nothing else wanted", "identity;q=0", "identity"],
  ["everything excluded", "identity;q=0, *;q=0", "identity"],

  // Malformed elements are ignored, their neighbours are not.
  ["weight above 1", "br;q=1.1, gzip;q=0.1", "gzip"],
  ["weight 1.001", "br;q=1.001, gzip;q=0.1", "gzip"],
  ["weight 2", "br;q=2, gzip;q=0.1", "gzip"],
  ["four decimals", "br;q=0.9999, gzip;q=0.1", "gzip"],
  ["1.0000", "br;q=1.0000, gzip;q=0.1", "gzip"],
  ["no digit before the point", "br;q=.9, gzip;q=0.1", "gzip"],
  ["two digits before the point", "br;q=00.9, gzip;q=0.1", "gzip"],
  ["a comma as decimal point", "br;q=0,9, gzip;q=0.1", "gzip"],
  ["a negative weight", "br;q=-0.9, gzip;q=0.1", "gzip"],
  ["a positive sign", "br;q=+0.9, gzip;q=0.1", "gzip"],
  ["an exponent", "br;q=1e0, gzip;q=0.1", "gzip"],
  ["a word as weight", "br;q=high, gzip;q=0.1", "gzip"],
  ["a letter after the point", "br;q=0.x, gzip;q=0.1", "gzip"],
  ["a colon for a digit", "br;q=0.0:, gzip;q=0.01", "gzip"],
  ["a slash for a digit", "br;q=0.5/, gzip;q=0.1", "gzip"],
  ["two points", "br;q=0.1.2, gzip;q=0.1", "gzip"],
  ["a quoted weight", 'br;q="1", gzip;q=0.1', "gzip"],
  ["no weight after the sign", "br;q=, gzip;q=0.1", "gzip"],
  ["no sign", "br;q, gzip;q=0.1", "gzip"],
  ["nothing after the semicolon", "br;, gzip;q=0.1", "gzip"],
  ["a space before the sign", "br;q =1, gzip;q=0.1", "gzip"],
  ["a space after the sign", "br;q= 1, gzip;q=0.1", "gzip"],
  ["another parameter", "br;level=9, gzip;q=0.1", "gzip"],
  ["a parameter that ends like a weight", "br;seq=1, gzip;q=0.1", "gzip"],
  ["a parameter after the weight", "br;q=1;level=9, gzip;q=0.1", "gzip"],
  ["two weights", "br;q=1;q=0.9, gzip;q=0.1", "gzip"],
  ["a space within a name", "b r, gzip;q=0.1", "gzip"],
  ["a quoted name", '"br", gzip;q=0.1', "gzip"],
  ["no comma", "br gzip", "identity"],
  ["a semicolon for the comma", "br; gzip", "identity"],
  ["NBSP for a space", "br\xa0, gzip;q=0.1", "gzip"],
  ["a malformed star", "*;q=9, gzip;q=0.1", "gzip"],
  ["a malformed identity", "identity;q=9, gzip;q=0.1", "gzip"],
  ["a malformed name under a star", "br;q=9, gzip;q=0.5, *;q=0.7", "br"],

  // The first well-formed element of a name counts.
  ["a name twice", "gzip;q=0, gzip", "identity"],
  ["a name twice, the other way round", "gzip, gzip;q=0", "gzip"],
  ["a name twice, once malformed", "gzip;q=9, gzip;q=0.5", "gzip"],
  ["gzip under both names", "x-gzip;q=0, gzip", "identity"],
  ["a star twice", "*;q=0, *", "identity"],
  ["identity twice", "identity;q=0.1, identity, gzip;q=0.5", "gzip"],
];

for (const [name, acceptEncoding, want, available] of ROWS) {
  Deno.test(`chooseCoding() ${name}: ${want}`, () => {
    assertStrictEquals(choose(acceptEncoding, available), want);
    // Remembered by now, and read with other codings at hand: the same answer.
    choose(acceptEncoding, only("zstd"));
    assertStrictEquals(choose(acceptEncoding, available), want);
  });
}

Deno.test("CODINGS names every coding once, with a suffix of its own", () => {
  const tokens = CODINGS.map(({ token }) => token);
  assertStrictEquals(tokens.join(), "br,zstd,gzip");
  const suffixes = new Set(CODINGS.map(({ suffix }) => suffix));
  assertStrictEquals(suffixes.size, CODINGS.length);
});

for (const coding of CODINGS) {
  Deno.test(`chooseCoding() can choose ${coding.token}`, () => {
    assertStrictEquals(chooseCoding(coding.token, CODINGS), coding);
    assertStrictEquals(chooseCoding("*", [coding]), coding);
    assertStrictEquals(chooseCoding(`${coding.token};q=0`, CODINGS), undefined);
  });
}

Deno.test("chooseCoding() answers right however many values it has seen", () => {
  for (let round = 0; round < 1000; round++) {
    assertStrictEquals(choose(`x${round}, gzip`), "gzip");
    assertStrictEquals(choose(`x${round}, gzip;q=0`), "identity");
    assertStrictEquals(choose("gzip, deflate, br, zstd"), "br");
  }
});

Deno.test("chooseCoding() reads values of any length", () => {
  for (const length of [240, 256, 257, 4096]) {
    const unknown = "x".repeat(length);
    for (let round = 0; round < 2; round++) {
      assertStrictEquals(choose(`${unknown}, gzip`), "gzip");
      assertStrictEquals(choose(`${unknown}, zstd`), "zstd");
    }
  }
});

const HOSTILE: readonly [name: string, value: string][] = [
  ["commas", ",".repeat(16_384)],
  ["spaces", `x${" ".repeat(16_384)}x`],
  ["spaces between commas", " ,".repeat(8192)],
  ["semicolons", ";".repeat(16_384)],
  ["one name", "x".repeat(16_384)],
  ["one weight", `br;q=0.${"0".repeat(16_384)}`],
  ["different names", Array.from({ length: 2340 }, (_, i) => `n${i}`).join()],
  ["malformed weights", "br;q=x,".repeat(2340)],
  ["NUL", "\0".repeat(16_384)],
];

for (const [name, value] of HOSTILE) {
  Deno.test(`chooseCoding() is quick about 16 KiB of ${name}`, async () => {
    await assertQuick(50, () => assertStrictEquals(choose(value), "identity"));
  });
}
