import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { linesOf, openLog } from "../../lib/service/log_lines.ts";
import { HAS_FILES, TemporaryDirectory, testWith, utf8 } from "../helpers.ts";

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  return await Array.fromAsync(lines);
}

/** Pieces of a log, and its lines. */
const LOGS:
  readonly (readonly [pieces: readonly string[], lines: readonly string[]])[] =
    [
      [[], []],
      [["a\nb\n"], ["a", "b"]],
      [["a\nb"], ["a", "b"]],
      [["a", "b\r\n", "", "c"], ["ab", "c"]],
      [["\n\n"], ["", ""]],
      [
        ["123456789", "0abc\nx"],
        ["12345678901", "x"].map((line) => line.slice(0, 11)),
      ],
    ];

for (const [pieces, lines] of LOGS) {
  Deno.test(`linesOf() ${JSON.stringify(pieces)}`, async () => {
    async function* stream() {
      for (const piece of pieces) yield await Promise.resolve(utf8(piece));
    }
    const found = await collect(linesOf(stream(), 10));
    assertEquals(
      found.map((line) => line.slice(0, 10)),
      lines.map((line) => line.slice(0, 10)),
    );
  });
}

testWith(HAS_FILES, "openLog() reads plain and gzipped files", async () => {
  using place = new TemporaryDirectory({
    "plain.log": "a\nb\n",
    "log.gz": new Uint8Array(gzipSync("a\nb\n")),
    "empty.log": "",
    "one.log": "a",
  });
  const read = async (name: string) =>
    await collect(linesOf(await openLog(place.join(name)), 100));
  assertEquals(await read("plain.log"), ["a", "b"]);
  assertEquals(await read("log.gz"), ["a", "b"]);
  assertEquals(await read("empty.log"), []);
  assertEquals(await read("one.log"), ["a"]);
  await assertRejects(
    () => openLog(place.join("none.log")),
    Deno.errors.NotFound,
  );
});

Deno.test("linesOf() keeps no more of a line than it may", async () => {
  async function* stream() {
    for (let i = 0; i < 100; i++) yield await Promise.resolve(utf8("12345"));
    yield utf8("\nb\n");
  }
  const found = await collect(linesOf(stream(), 10));
  assertEquals(found.map(({ length }) => length), [11, 1]);
});
