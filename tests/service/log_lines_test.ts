import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { logLinesOf, openLog } from "../../lib/service/log_lines.ts";
import { HAS_FILES, TemporaryDirectory, testWith, utf8 } from "../helpers.ts";
import { testAgainst } from "../programs.ts";

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
  Deno.test(`logLinesOf() ${JSON.stringify(pieces)}`, async () => {
    async function* stream() {
      for (const piece of pieces) yield await Promise.resolve(utf8(piece));
    }
    const found = await collect(logLinesOf(stream(), 10));
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
    await collect(logLinesOf(openLog(place.join(name)), 100));
  assertEquals(await read("plain.log"), ["a", "b"]);
  assertEquals(await read("log.gz"), ["a", "b"]);
  assertEquals(await read("empty.log"), []);
  assertEquals(await read("one.log"), ["a"]);
  await assertRejects(
    () => read("none.log"),
    Deno.errors.NotFound,
  );
});

testWith(
  HAS_FILES,
  "openLog() reads gzip that was joined, and says that it is cut",
  async () => {
    const [one, two] = [gzipSync("a\nb\n"), gzipSync("c\n")];
    using place = new TemporaryDirectory({
      "joined.gz": new Uint8Array([...one, ...two]),
      "cut.gz": new Uint8Array(one.subarray(0, -9)),
      "bad.gz": new Uint8Array([0x1f, 0x8b, ...utf8("no gzip")]),
    });
    const read = async (name: string) =>
      await collect(logLinesOf(openLog(place.join(name)), 100));
    assertEquals(await read("joined.gz"), ["a", "b", "c"]);
    await assertRejects(() => read("cut.gz"), Error, "unexpected end of file");
    await assertRejects(() => read("bad.gz"), Error);
  },
);

testWith(
  HAS_FILES,
  "openLog() decodes no more than it is asked for",
  async () => {
    using place = new TemporaryDirectory({
      "bomb.gz": new Uint8Array(gzipSync(new Uint8Array(64 * 1024 * 1024))),
    });
    let most = 0;
    for await (const { length } of openLog(place.join("bomb.gz"))) {
      most = Math.max(most, length);
    }
    assertEquals(most <= 64 * 1024, true);
  },
);

testAgainst("mkfifo", "openLog() reads pipes", async (mkfifo) => {
  using place = new TemporaryDirectory({});
  const pipe = place.join("pipe");
  await new Deno.Command(mkfifo, { args: [pipe] }).output();
  // Another process: Deno 2.5 cannot open both ends of a pipe in one.
  const writer = new Deno.Command("sh", {
    args: ["-c", 'cat >"$0"', pipe],
    stdin: "piped",
  }).spawn();
  const bytes = writer.stdin.getWriter();
  const [lines] = await Promise.all([
    collect(logLinesOf(openLog(pipe), 100)),
    (async () => {
      for (const byte of gzipSync("a\nb\n")) {
        await bytes.write(Uint8Array.of(byte));
      }
      await bytes.close();
      await writer.status;
    })(),
  ]);
  assertEquals(lines, ["a", "b"]);
});

Deno.test("logLinesOf() keeps no more of a line than it may", async () => {
  async function* stream() {
    for (let i = 0; i < 100; i++) yield await Promise.resolve(utf8("12345"));
    yield utf8("\nb\n");
  }
  const found = await collect(logLinesOf(stream(), 10));
  assertEquals(found.map(({ length }) => length), [11, 1]);
});
