import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import * as zlib from "node:zlib";
import { type Coding, CODINGS } from "../../../lib/http/coding.ts";
import { Compressor, WORKERS_MAX } from "../../../lib/site/disk/compressor.ts";
import { zstdFrameLength } from "../../../lib/site/content/zstd_frame.ts";
import { Random, utf8, within } from "../../helpers.ts";

const [BR, ZSTD, GZIP] = CODINGS as [Coding, Coding, Coding];

/** How each coding is taken off again. */
const DECODERS: Readonly<
  Record<Coding["token"], (bytes: Uint8Array) => Uint8Array>
> = {
  br: (bytes) => zlib.brotliDecompressSync(bytes),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes),
  gzip: (bytes) => zlib.gunzipSync(bytes),
};

/** The codings that the runtime knows; before Deno 2.6 zstd is not among them. */
const KNOWN = CODINGS.filter(({ token }) => {
  try {
    return token !== "zstd" || zlib.zstdCompressSync("").length > 0;
  } catch {
    return false;
  }
});

/** So many bytes that look like text. */
function textOf(length: number): Uint8Array<ArrayBuffer> {
  const random = new Random(length);
  return Uint8Array.from({ length }, () => 97 + random.below(8));
}

const CONTENTS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "no bytes": new Uint8Array(0),
  "a byte": utf8("a"),
  "a text": utf8("Hello, hello, hello. ".repeat(100)),
  "bytes without any order": new Random(1).bytes(5000),
  "the longest text that is compressed as strongly as can be": textOf(131_072),
  "a longer text": textOf(131_073),
};

for (const coding of KNOWN) {
  Deno.test(`compress() with ${coding.token} makes what decodes to the same`, async () => {
    const compressor = new Compressor();
    try {
      for (const [name, content] of Object.entries(CONTENTS)) {
        const output = await within(
          compressor.compress(content.slice(), coding),
          name,
        );
        const decoded = DECODERS[coding.token](output!);
        assertEquals(new Uint8Array(decoded), content, name);
      }
    } finally {
      compressor.close();
    }
  });
}

if (KNOWN.includes(ZSTD)) {
  Deno.test("compress() with zstd makes one frame, however long it gets", async () => {
    const compressor = new Compressor();
    try {
      for (const length of [5000, 40_000, 131_072, 500_000]) {
        const content = new Random(length).bytes(length);
        const output = await compressor.compress(content, ZSTD);
        assertEquals(zstdFrameLength(output!), output!.length);
      }
    } finally {
      compressor.close();
    }
  });
}

Deno.test("compress() makes text smaller, and leaves the event loop to others", async () => {
  const compressor = new Compressor();
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  try {
    const output = await compressor.compress(textOf(1 << 20), BR);
    assertLess(output!.length, (1 << 20) / 2);
    assertGreater(ticks, 3);
  } finally {
    clearInterval(ticking);
    compressor.close();
  }
});

Deno.test("compress() takes the bytes away from the caller", async () => {
  const compressor = new Compressor();
  const bytes = utf8("Hello");
  const output = compressor.compress(bytes, GZIP);
  assertEquals(bytes.byteLength, 0);
  await output;
  compressor.close();
});

Deno.test("each of many compressions side by side comes to its own result", async () => {
  const compressor = new Compressor();
  try {
    const contents = Array.from(
      { length: 12 },
      (_, index) => utf8(`content ${index} `.repeat(index * 50)),
    );
    const outputs = await Promise.all(
      contents.map((content, index) =>
        compressor.compress(content.slice(), KNOWN[index % KNOWN.length]!)
      ),
    );
    for (const [index, output] of outputs.entries()) {
      const { token } = KNOWN[index % KNOWN.length]!;
      assertEquals(new Uint8Array(DECODERS[token](output!)), contents[index]);
    }
  } finally {
    compressor.close();
  }
});

Deno.test("close() ends compressions that are under way", async () => {
  const compressor = new Compressor();
  const pending = Array.from(
    { length: 4 },
    () => compressor.compress(textOf(1 << 20), BR),
  );
  compressor.close();
  assertEquals(
    await within(Promise.all(pending), "compressions given up"),
    [undefined, undefined, undefined, undefined],
  );
});

/** What a compressor asks of a worker. */
interface Job {
  readonly bytes: Uint8Array;
  readonly token: string;
  readonly isSmall: boolean;
}

/** A worker that answers when the test tells it to. */
class FakeWorker {
  readonly url: string;
  readonly jobs: Job[] = [];
  isEnded = false;
  onmessage: (event: { data: unknown }) => void = () => {};
  onerror: (event: Event) => void = () => {};

  constructor(url: string) {
    this.url = url;
    FAKES.push(this);
  }

  postMessage(job: Job): void {
    this.jobs.push(job);
  }

  terminate(): void {
    this.isEnded = true;
  }

  async answer(data: unknown): Promise<void> {
    this.onmessage({ data });
    await turn();
  }

  /** Fails as the runtime tells it; returns whether somebody has taken care of it. */
  async fail(): Promise<boolean> {
    const event = new Event("error", { cancelable: true });
    this.onerror(event);
    await turn();
    return event.defaultPrevented;
  }
}

/** All fake workers of the test, in the order of their making. */
const FAKES: FakeWorker[] = [];

/** Lets everything happen that waits for nothing else. */
function turn(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => setTimer(resolve, 0)));
}
const setTimer = setTimeout;

/** A timer that a compressor has set. */
interface Timer {
  readonly callback: () => void;
  readonly ms: number;
}

/** Registers a test with fake workers, and timers that end when the test ends them. */
function testWithFakes(
  name: string,
  fn: (
    compressor: Compressor,
    timers: Map<number, Timer>,
  ) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const { Worker, setTimeout, clearTimeout } = globalThis;
    const timers = new Map<number, Timer>();
    let last = 0;
    Object.assign(globalThis, {
      Worker: FakeWorker,
      setTimeout: (callback: () => void, ms: number) => {
        timers.set(++last, { callback, ms });
        return last;
      },
      clearTimeout: (id: number) => timers.delete(id),
    });
    FAKES.length = 0;
    const compressor = new Compressor();
    try {
      await fn(compressor, timers);
      compressor.close();
      assertEquals(timers.size, 0);
      assert(FAKES.every(({ isEnded }) => isEnded));
    } finally {
      Object.assign(globalThis, { Worker, setTimeout, clearTimeout });
    }
  });
}

/** The first byte of each job of a worker. */
function jobsOf(worker: FakeWorker): number[] {
  return worker.jobs.map(({ bytes }) => bytes[0]!);
}

testWithFakes(
  "no worker is started before there is something to do",
  async () => {
    await turn();
    assertEquals(FAKES.length, 0);
  },
);

testWithFakes(
  "two compressions go on at a time, the others wait in order",
  async (compressor) => {
    assertEquals(WORKERS_MAX, 2);
    const ended: number[] = [];
    for (let index = 0; index < 6; index++) {
      const content = Uint8Array.of(index);
      compressor.compress(content, GZIP).then(() => ended.push(index));
    }
    const [first, second] = FAKES as [FakeWorker, FakeWorker];
    assertEquals([FAKES.length, jobsOf(first), jobsOf(second)], [2, [0], [1]]);
    await second.answer(utf8("a"));
    assertEquals([jobsOf(first), jobsOf(second)], [[0], [1, 2]]);
    await second.answer(utf8("b"));
    await first.answer(utf8("c"));
    assertEquals([jobsOf(first), jobsOf(second)], [[0, 4], [1, 2, 3]]);
    await first.answer(utf8("d"));
    await first.answer(utf8("e"));
    await second.answer(utf8("f"));
    assertEquals(ended, [1, 2, 0, 4, 5, 3]);
    assertEquals(FAKES.length, 2);
  },
);

testWithFakes(
  "a worker is told the coding, and whether the content is small",
  async (compressor) => {
    compressor.compress(new Uint8Array(128 * 1024), BR);
    compressor.compress(new Uint8Array(128 * 1024 + 1), ZSTD);
    const jobs = FAKES.map(({ jobs }) => jobs[0]!);
    assertEquals(jobs.map(({ token, isSmall }) => [token, isSmall]), [
      ["br", true],
      ["zstd", false],
    ]);
    await turn();
  },
);

testWithFakes(
  "what a worker cannot make comes to nothing, and the worker goes on",
  async (compressor) => {
    const output = compressor.compress(utf8("a"), BR);
    await FAKES[0]!.answer(undefined);
    assertStrictEquals(await output, undefined);
    const next = compressor.compress(utf8("b"), BR);
    await FAKES[0]!.answer(utf8("done"));
    assertEquals(await next, utf8("done"));
    assertEquals(FAKES.length, 1);
  },
);

testWithFakes(
  "a worker that breaks at its work is replaced",
  async (compressor) => {
    const outputs = [1, 2, 3].map((byte) =>
      compressor.compress(Uint8Array.of(byte), BR)
    );
    assertEquals(await FAKES[0]!.fail(), true);
    assertStrictEquals(await outputs[0], undefined);
    assert(FAKES[0]!.isEnded);
    assertEquals(FAKES.map(jobsOf), [[1], [2], [3]]);
    await FAKES[1]!.answer(utf8("two"));
    await FAKES[2]!.answer(utf8("three"));
    assertEquals(await outputs[1], utf8("two"));
    assertEquals(await outputs[2], utf8("three"));
  },
);

testWithFakes(
  "a worker that breaks is ended, even when nothing else is to do",
  async (compressor, timers) => {
    const output = compressor.compress(utf8("a"), BR);
    await FAKES[0]!.fail();
    assertStrictEquals(await output, undefined);
    assert(FAKES[0]!.isEnded);
    assertEquals(timers.size, 0);
  },
);

testWithFakes(
  "a worker that breaks while it rests gets nothing to do any more",
  async (compressor) => {
    const output = compressor.compress(utf8("a"), BR);
    await FAKES[0]!.answer(utf8("done"));
    assertEquals(await output, utf8("done"));
    assertEquals(await FAKES[0]!.fail(), true);
    const next = compressor.compress(utf8("b"), BR);
    assertEquals(FAKES.length, 2);
    assert(FAKES[0]!.isEnded);
    await FAKES[1]!.answer(utf8("done again"));
    assertEquals(await next, utf8("done again"));
  },
);

testWithFakes(
  "a worker that has had nothing to do for a while is ended",
  async (compressor, timers) => {
    compressor.compress(utf8("a"), BR);
    assertEquals(timers.size, 0);
    await FAKES[0]!.answer(utf8("done"));
    assertEquals([...timers.values()].map(({ ms }) => ms), [5000]);
    compressor.compress(utf8("b"), BR);
    assertEquals(timers.size, 0);
    await FAKES[0]!.answer(utf8("done"));
    const [[id, timer]] = timers as unknown as [[number, Timer]];
    timers.delete(id);
    timer.callback();
    assert(FAKES[0]!.isEnded);
    compressor.compress(utf8("c"), BR);
    assertEquals(FAKES.map(jobsOf), [[97, 98], [99]]);
  },
);

testWithFakes(
  "close() gives up what is under way and what waits",
  async (compressor) => {
    const outputs = [1, 2, 3, 4].map((byte) =>
      compressor.compress(Uint8Array.of(byte), BR)
    );
    compressor.close();
    assertEquals(await Promise.all(outputs), outputs.map(() => undefined));
    assert(FAKES.every(({ isEnded }) => isEnded));
    // An answer that was on its way changes nothing.
    await FAKES[0]!.answer(utf8("late"));
    assertEquals(FAKES.map(jobsOf), [[1], [2]]);
  },
);

testWithFakes(
  "nothing is compressed any more after close()",
  async (compressor) => {
    compressor.close();
    assertStrictEquals(await compressor.compress(utf8("a"), BR), undefined);
    assertEquals(FAKES.length, 0);
  },
);

testWithFakes("all workers are made from one address", async (compressor) => {
  const other = new Compressor();
  compressor.compress(utf8("a"), BR);
  compressor.compress(utf8("b"), BR);
  other.compress(utf8("c"), BR);
  assertEquals(new Set(FAKES.map(({ url }) => url)).size, 1);
  other.close();
  await turn();
});
