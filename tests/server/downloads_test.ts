import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import {
  exchange,
  HAS_NETWORK,
  parseResponses,
  Random,
  request,
  TemporaryDirectory,
  testWith,
  textOf,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";

const MEBIBYTE = 1024 * 1024;

/** Bytes that are no multiple of any buffer's length. */
const CONTENT = new Random(5).bytes(5 * MEBIBYTE + 321);

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

testWith(
  HAS_NETWORK,
  "a large file is sent byte for byte, again and again",
  async () => {
    using directory = new TemporaryDirectory({ "large.bin": CONTENT });
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    for (let round = 0; round < 3; round++) {
      await client.get("/large.bin");
      const { fields } = await client.head();
      assertEquals(fields.get("content-length"), String(CONTENT.length));
      assert(isSame(await client.bytes(CONTENT.length), CONTENT));
    }
  },
);

testWith(
  HAS_NETWORK,
  "large replies and small ones follow each other",
  async () => {
    using directory = new TemporaryDirectory({
      "large.bin": CONTENT,
      "small.txt": "small",
    });
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    const targets = ["small.txt", "large.bin", "small.txt", "large.bin"];
    for (const target of targets) await client.get(`/${target}`);
    for (const target of targets) {
      await client.head();
      const content = target === "small.txt"
        ? new TextEncoder().encode("small")
        : CONTENT;
      assert(isSame(await client.bytes(content.length), content));
    }
  },
);

/** Slices of the large file: within one piece, across pieces, at its ends. */
const RANGES: readonly (readonly [start: number, end: number])[] = [
  [0, 1],
  [CONTENT.length - 1, CONTENT.length],
  [MEBIBYTE - 1, MEBIBYTE + 1],
  [256 * 1024 - 10, 256 * 1024 + 10],
  [1000, 1000 + 256 * 1024],
  [123, 123 + 2 * MEBIBYTE],
  [1, CONTENT.length],
];

for (const [start, end] of RANGES) {
  testWith(
    HAS_NETWORK,
    `bytes ${start} to ${end} of a large file`,
    async () => {
      using directory = new TemporaryDirectory({ "large.bin": CONTENT });
      await using server = new TestServer(directory.path);
      using client = await Client.connect(server.port);
      await client.get("/large.bin", `Range: bytes=${start}-${end - 1}\r\n`);
      const { status, fields } = await client.head();
      assertEquals(status, 206);
      assertEquals(
        fields.get("content-range"),
        `bytes ${start}-${end - 1}/${CONTENT.length}`,
      );
      const body = await client.bytes(end - start);
      assert(isSame(body, CONTENT.subarray(start, end)));
    },
  );
}

testWith(
  HAS_NETWORK,
  "several ranges of a large file, large and small",
  async () => {
    using directory = new TemporaryDirectory({ "large.bin": CONTENT });
    await using server = new TestServer(directory.path);
    const slices = [[5, 9], [100_000, 1_500_000], [4_000_000, 4_000_001]];
    const response = await request(server.port, "GET", "/large.bin", {
      Range: `bytes=${
        slices.map(([start, end]) => `${start}-${end! - 1}`).join(",")
      }`,
    });
    assertEquals(response.status, 206);
    const type = response.fields.get("content-type")!;
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(type)![1]!;
    const parts = response.body.split(`\r\n--${boundary}`);
    assertEquals(parts.at(-1), "--\r\n");
    const bodies = parts.slice(1, -1).map((part) =>
      part.slice(part.indexOf("\r\n\r\n") + 4)
    );
    assertEquals(bodies.length, slices.length);
    for (const [index, [start, end]] of slices.entries()) {
      assert(bodies[index] === textOf(CONTENT.subarray(start, end)));
    }
  },
);

testWith(HAS_NETWORK, "HEAD of a large file sends nothing of it", async () => {
  using directory = new TemporaryDirectory({ "large.bin": CONTENT });
  await using server = new TestServer(directory.path);
  const text = await exchange(
    server.port,
    "HEAD /large.bin HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3) +
      "HEAD /large.bin HTTP/1.0\r\n\r\n",
  );
  const responses = parseResponses(text, ["HEAD", "HEAD", "HEAD", "HEAD"]);
  for (const { fields } of responses) {
    assertEquals(fields.get("content-length"), String(CONTENT.length));
  }
});

/** So large that most of it is still to be read when the client stops reading. */
const HUGE_BYTES = 48 * MEBIBYTE;

/** A file of so many zeros, which takes no room on disk. */
function writeZeros(path: string, length: number): void {
  Deno.writeFileSync(path, new Uint8Array(0));
  Deno.truncateSync(path, length);
  // Long ago, so that a change shows however coarse the clock of the file system is.
  Deno.utimeSync(path, 1e9, 1e9);
}

/** Asks for a huge file, changes it when its first bytes have come, and reads on. */
async function downloadWhile(
  change: (path: string, directory: TemporaryDirectory) => void,
): Promise<
  { body: Uint8Array; isAlive: boolean; reports: readonly unknown[] }
> {
  using directory = new TemporaryDirectory();
  const path = directory.join("huge.bin");
  writeZeros(path, HUGE_BYTES);
  await using server = new TestServer(directory.path);
  using client = await Client.connect(server.port);
  await client.get("/huge.bin");
  const { fields } = await client.head();
  assertEquals(fields.get("content-length"), String(HUGE_BYTES));
  change(path, directory);
  const body = await client.bytes(HUGE_BYTES);
  let isAlive = body.length === HUGE_BYTES;
  if (isAlive) {
    await client.get("/gone");
    isAlive = (await client.response()).status === 404;
  } else {
    await until(() => server.server.connections === 0, "its end");
    // Not the whole length, because not all of it was sent.
    assertLess(server.exchanges[0]!.bodyBytes, HUGE_BYTES);
  }
  return { body, isAlive, reports: [...server.reports] };
}

/** Writes bytes somewhere into a file, which keeps its length unless they go beyond. */
function writeInto(path: string, at: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

const CHANGES: Readonly<Record<string, (path: string) => void>> = {
  "is cut short": (path) => Deno.truncateSync(path, 1000),
  "gets one byte shorter": (path) => Deno.truncateSync(path, HUGE_BYTES - 1),
  "is written to in place": (path) =>
    writeInto(path, HUGE_BYTES - 5, new Uint8Array([1, 2, 3, 4, 5])),
  "gets another beginning": (path) => writeInto(path, 0, new Uint8Array([1])),
  "is rewritten in place": (path) =>
    writeInto(path, 0, new Uint8Array(HUGE_BYTES).fill(7)),
  "is rewritten in place, and longer": (path) =>
    writeInto(path, 0, new Uint8Array(HUGE_BYTES + 1000).fill(7)),
  "is rewritten from nothing": (path) =>
    Deno.writeFileSync(path, new Uint8Array(HUGE_BYTES).fill(7)),
};

for (const [name, change] of Object.entries(CHANGES)) {
  testWith(
    HAS_NETWORK,
    `a file that ${name} while it is sent ends the connection, and the log says so once`,
    async () => {
      const { body, isAlive, reports } = await downloadWhile(change);
      assertEquals(isAlive, false);
      assert(body.every((byte) => byte === 0));
      assertEquals(reports.length, 1);
      assertMatch(
        String(reports[0]),
        /^Download ended early: ".*huge\.bin" changed while it was sent$/,
      );
    },
  );
}

const ADDITIONS: Readonly<Record<string, (path: string) => void>> = {
  "grows": (path) => Deno.truncateSync(path, HUGE_BYTES + 1),
  "is appended to": (path) =>
    writeInto(path, HUGE_BYTES, new Uint8Array(1000).fill(7)),
  "is touched": (path) => Deno.utimeSync(path, 1.5e9, 1.5e9),
  "is appended to, and then deleted": (path) => {
    writeInto(path, HUGE_BYTES, new Uint8Array(1000).fill(7));
    Deno.removeSync(path);
  },
};

for (const [name, change] of Object.entries(ADDITIONS)) {
  testWith(
    HAS_NETWORK,
    `a file that ${name} while it is sent is sent to its announced end`,
    async () => {
      const { body, isAlive, reports } = await downloadWhile(change);
      assertEquals(isAlive, true);
      assert(body.every((byte) => byte === 0));
      assertEquals(reports, []);
    },
  );
}

testWith(
  HAS_NETWORK,
  "a range of a log that never stops growing is sent to its end",
  async () => {
    using directory = new TemporaryDirectory();
    const path = directory.join("huge.bin");
    writeZeros(path, HUGE_BYTES);
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    const length = HUGE_BYTES - 1_000_000;
    await client.get("/huge.bin", `Range: bytes=0-${length - 1}\r\n`);
    assertEquals((await client.head()).status, 206);
    for (let at = 0; at < length;) {
      Deno.writeFileSync(path, new Uint8Array([7]), { append: true });
      const piece = await client.bytes(Math.min(5 * MEBIBYTE, length - at));
      assert(piece.length > 0 && piece.every((byte) => byte === 0));
      at += piece.length;
    }
    assertEquals(server.reports, []);
  },
);

const REPLACEMENTS: Readonly<
  Record<string, (path: string, directory: TemporaryDirectory) => void>
> = {
  "replaced by another": (path, directory) => {
    directory.write("new.bin", new Uint8Array(HUGE_BYTES).fill(7));
    Deno.renameSync(directory.join("new.bin"), path);
  },
  "removed": (path) => Deno.removeSync(path),
  "renamed": (path) => Deno.renameSync(path, `${path}.old`),
};

for (const [name, replace] of Object.entries(REPLACEMENTS)) {
  testWith(
    HAS_NETWORK,
    `a file that is ${name} while it is sent is sent as it was`,
    async () => {
      const { body, isAlive, reports } = await downloadWhile(replace);
      assertEquals(isAlive, true);
      assert(body.every((byte) => byte === 0));
      assertEquals(reports, []);
    },
  );
}

testWith(
  HAS_NETWORK,
  "a file in memory that changes while it is sent is sent as it was",
  async () => {
    using directory = new TemporaryDirectory({
      "a.bin": new Uint8Array(MEBIBYTE),
    });
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    for (let count = 0; count < 20; count++) await client.get("/a.bin");
    await client.head();
    directory.write("a.bin", new Uint8Array(1000).fill(7));
    let body = await client.bytes(MEBIBYTE);
    for (let count = 1; count < 20; count++) {
      const { fields } = await client.head();
      const length = Number(fields.get("content-length"));
      assert(body.every((byte) => byte === (body.length === 1000 ? 7 : 0)));
      body = await client.bytes(length);
      assertEquals(body.length, length);
    }
    // The last request was read long after the change.
    assertEquals(body.length, 1000);
  },
);

testWith(
  HAS_NETWORK,
  "several clients download the same file at their own pace",
  async () => {
    using directory = new TemporaryDirectory({ "large.bin": CONTENT });
    await using server = new TestServer(directory.path);
    const download = async (pieceBytes: number) => {
      using client = await Client.connect(server.port);
      await client.get("/large.bin");
      await client.head();
      const bytes = await client.bytes(CONTENT.length, pieceBytes);
      return isSame(bytes, CONTENT);
    };
    assertEquals(
      await Promise.all([8_000, 50_000, 300_000, 5_000_000].map(download)),
      [true, true, true, true],
    );
  },
);
