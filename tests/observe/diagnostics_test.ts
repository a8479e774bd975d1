import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  BURST,
  causeOf,
  CAUSES_MAX,
  Diagnostics,
  PAUSE_MS,
} from "../../lib/observe/diagnostics.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
import { assertQuick } from "../quickness.ts";

/** Diagnostics with a clock that is set by hand, and what they wrote. */
class Desk {
  now = 1_000_000;
  readonly diagnostics: Diagnostics = new Diagnostics(
    (text) => this.#texts.push(text),
    () => this.now,
  );
  readonly #texts: string[] = [];

  /** What was written since the last call. */
  take(): string {
    return this.#texts.splice(0).join("");
  }
}

function errorWith(stack: string, name = "Error", message = ""): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}

const FORMS: readonly (readonly [
  name: string,
  tell: (diagnostics: Diagnostics) => void,
  text: string,
])[] = [
  [
    "a warning",
    (diagnostics) => diagnostics.warn("a", "Something is odd"),
    "skiff: warning: Something is odd\n",
  ],
  [
    "an error that is a text",
    (diagnostics) => diagnostics.error("a", "Something is broken"),
    "skiff: error: Something is broken\n",
  ],
  [
    "an error with its stack, each line with the prefix",
    (diagnostics) =>
      diagnostics.error("a", errorWith("Error: no\n    at f (a.ts:1:2)")),
    "skiff: error: Error: no\nskiff: error:     at f (a.ts:1:2)\n",
  ],
  [
    "an error without a stack",
    (diagnostics) => {
      const error = new Error("bare");
      delete error.stack;
      diagnostics.error("a", error);
    },
    "skiff: error: bare\n",
  ],
  [
    "what is no error",
    (diagnostics) => diagnostics.error("a", { toString: () => "thing" }),
    "skiff: error: thing\n",
  ],
  [
    "what has no text",
    (diagnostics) => diagnostics.error("a", Object.create(null)),
    "skiff: error: an unknown error\n",
  ],
  [
    "undefined",
    (diagnostics) => diagnostics.error("a", undefined),
    "skiff: error: undefined\n",
  ],
  [
    "an empty text",
    (diagnostics) => diagnostics.warn("", ""),
    "skiff: warning: \n",
  ],
  [
    "a text without its last line feed",
    (diagnostics) => diagnostics.warn("a", "one\n\ntwo\n"),
    "skiff: warning: one\nskiff: warning: \nskiff: warning: two\n",
  ],
  [
    "what would act on a terminal",
    (diagnostics) => diagnostics.warn("a", "\x1b[2J\r\x9b\0\t\x7f"),
    "skiff: warning: \\u001b[2J\\u000d\\u009b\\u0000\\u0009\\u007f\n",
  ],
  [
    "what would turn the text around",
    (diagnostics) => diagnostics.warn("a", "a\u202etxt.exe\u2066\u200f\u2028b"),
    "skiff: warning: a\\u202etxt.exe\\u2066\\u200f\\u2028b\n",
  ],
  [
    "letters of any script as they are",
    (diagnostics) => diagnostics.warn("a", "Ünï → 日本 \u{1f600}"),
    "skiff: warning: Ünï → 日本 \u{1f600}\n",
  ],
  [
    "a report that is a text as a warning",
    (diagnostics) => diagnostics.report("3 lines were dropped"),
    "skiff: warning: 3 lines were dropped\n",
  ],
  [
    "a report that is an error as one",
    (diagnostics) => diagnostics.report(errorWith("Error: no")),
    "skiff: error: Error: no\n",
  ],
];

for (const [name, tell, text] of FORMS) {
  Deno.test(`Diagnostics tells ${name}`, () => {
    const desk = new Desk();
    tell(desk.diagnostics);
    assertEquals(desk.take(), text);
  });
}

Deno.test("Diagnostics cuts a text that is too long to be read", () => {
  const desk = new Desk();
  desk.diagnostics.warn("a", "x".repeat(1_000_000));
  const text = desk.take();
  assert(text.length < 10_000);
  assert(text.endsWith("x…\n"));
});

/** Tells of one cause so often. */
function repeat(desk: Desk, count: number, cause = "a"): void {
  for (let n = 0; n < count; n++) desk.diagnostics.warn(cause, `no ${n}`);
}

const FIRST =
  "skiff: warning: no 0\nskiff: warning: no 1\nskiff: warning: no 2\n";

Deno.test("Diagnostics tells the same cause three times, then after a pause, and how often it was", () => {
  const desk = new Desk();
  repeat(desk, 44);
  assertEquals(BURST, 3);
  assertEquals(desk.take(), FIRST);
  desk.now += PAUSE_MS - 1;
  desk.diagnostics.warn("a", "too soon");
  assertEquals(desk.take(), "");
  desk.now += 1;
  desk.diagnostics.warn("a", "again");
  assertEquals(
    desk.take(),
    "skiff: warning: again (and 42 more like it)\n",
  );
  // One was free, and it is used up.
  desk.diagnostics.warn("a", "and again");
  assertEquals(desk.take(), "");
  desk.now += PAUSE_MS;
  desk.diagnostics.warn("a", "later");
  assertEquals(desk.take(), "skiff: warning: later (and 1 more like it)\n");
});

Deno.test("Diagnostics says behind the first line how many more there were", () => {
  const desk = new Desk();
  const error = errorWith("Error: no\n    at f (a.ts:1:2)");
  for (let n = 0; n < 5; n++) desk.diagnostics.error("a", error);
  desk.take();
  desk.diagnostics.flush();
  assertEquals(
    desk.take(),
    "skiff: error: Error: no (and 1 more like it)\n" +
      "skiff: error:     at f (a.ts:1:2)\n",
  );
});

Deno.test("Diagnostics tells once in a pause of what never ends", () => {
  const desk = new Desk();
  let told = 0;
  for (let ms = 0; ms < 100_000; ms += 10) {
    desk.now += 10;
    desk.diagnostics.warn("a", "again");
    told += desk.take().split("\n").length - 1;
  }
  assertEquals(told, BURST + 100_000 / PAUSE_MS - 1);
});

Deno.test("Diagnostics tells three in a row again after enough quiet", () => {
  const desk = new Desk();
  repeat(desk, 3);
  desk.take();
  desk.now += BURST * PAUSE_MS;
  repeat(desk, 4);
  assertEquals(desk.take(), FIRST);
});

Deno.test("Diagnostics holds back each cause for itself", () => {
  const desk = new Desk();
  repeat(desk, 10, "a");
  desk.take();
  repeat(desk, 3, "b");
  assertEquals(desk.take(), FIRST);
  // A warning and an error are never the same.
  desk.diagnostics.error("a", "other");
  assertEquals(desk.take(), "skiff: error: other\n");
});

Deno.test("Diagnostics.flush() tells what was held back, once", () => {
  const desk = new Desk();
  repeat(desk, 4, "a");
  repeat(desk, 3, "b");
  repeat(desk, 13, "c");
  desk.take();
  desk.diagnostics.flush();
  assertEquals(
    desk.take(),
    "skiff: warning: no 3\nskiff: warning: no 12 (and 9 more like it)\n",
  );
  desk.diagnostics.flush();
  assertEquals(desk.take(), "");
});

Deno.test("Diagnostics.sweep() tells what was held back for long enough", () => {
  const desk = new Desk();
  repeat(desk, 8);
  desk.take();
  desk.diagnostics.sweep();
  desk.now += PAUSE_MS - 1;
  desk.diagnostics.sweep();
  assertEquals(desk.take(), "");
  desk.now += 1;
  desk.diagnostics.sweep();
  assertEquals(desk.take(), "skiff: warning: no 7 (and 4 more like it)\n");
  desk.now += PAUSE_MS;
  desk.diagnostics.sweep();
  desk.diagnostics.flush();
  assertEquals(desk.take(), "");
  // Having been told by a sweep, it waits like any other.
  repeat(desk, 2);
  assertEquals(desk.take(), "skiff: warning: no 0\n");
});

for (const jump of [-1e9, -1e12, 1e12]) {
  Deno.test(`Diagnostics goes on when the clock jumps by ${jump} ms`, () => {
    const desk = new Desk();
    repeat(desk, 4);
    desk.take();
    desk.now += jump;
    desk.diagnostics.warn("a", "jumped");
    desk.take();
    desk.now += PAUSE_MS;
    desk.diagnostics.warn("a", "after");
    assertMatch(desk.take(), /^skiff: warning: after/);
  });
}

Deno.test("Diagnostics forgets the cause not heard of for longest, and tells what it held back", () => {
  const desk = new Desk();
  repeat(desk, 5, "old");
  repeat(desk, 5, "young");
  for (let n = 2; n < CAUSES_MAX; n++) desk.diagnostics.warn(`${n}`, "x");
  desk.diagnostics.warn("young", "no more");
  desk.take();
  // The hundred and first.
  desk.diagnostics.warn("new", "new");
  assertEquals(
    desk.take(),
    "skiff: warning: no 4 (and 1 more like it)\nskiff: warning: new\n",
  );
  // The young one is remembered, the old one not.
  repeat(desk, 1, "young");
  assertEquals(desk.take(), "");
  repeat(desk, 3, "old");
  assertEquals(desk.take(), FIRST);
});

Deno.test("Diagnostics loses none of a hundred thousand reports of as many causes", () => {
  const desk = new Desk();
  let lines = 0;
  for (let n = 0; n < 100_000; n++) {
    desk.diagnostics.warn(`${n}`, "x");
    lines += desk.take().split("\n").length - 1;
  }
  assertEquals(lines, 100_000);
});

const CAUSES: readonly (readonly [
  name: string,
  error: unknown,
  cause: string,
])[] = [
  [
    "class and first frame",
    errorWith(
      "TypeError: no\n    at f (a.ts:1:2)\n    at g (b.ts:3:4)",
      "TypeError",
      "no",
    ),
    "TypeError f (a.ts:1)",
  ],
  [
    "no line of the message, however it looks",
    errorWith(
      "Error: /x\n    at forged (z.ts:1:1)\n    at f (a.ts:1:2)",
      "Error",
      "/x\n    at forged (z.ts:1:1)",
    ),
    "Error f (a.ts:1)",
  ],
  [
    "the code",
    Object.assign(errorWith("Error: full\n    at f (a.ts:1:2)"), {
      code: "ENOSPC",
    }),
    "Error ENOSPC f (a.ts:1)",
  ],
  [
    "no code that is no text",
    Object.assign(errorWith("Error: full"), { code: Symbol() }),
    "Error",
  ],
  [
    "the program's frame, not the runtime's",
    errorWith(
      "Error: no\n    at async read (ext:deno_fs/30_fs.js:1:2)\n" +
        "    at node:fs:1:2\n    at async g (b.ts:3:4)\n    at h (c.ts:5:6)",
    ),
    "Error g (b.ts:3)",
  ],
  [
    "the runtime's frame when there is no other",
    errorWith("Error: no\n    at async read (ext:deno_fs/30_fs.js:1:2)"),
    "Error read (ext:deno_fs/30_fs.js:1)",
  ],
  ["the class alone without frames", errorWith("Error: no"), "Error"],
  [
    "a text without its numbers",
    "312 lines of 5 dropped",
    "0 lines of 0 dropped",
  ],
  ["the first line of a text", "one\ntwo", "one"],
  [
    "the first frame of a text",
    "Worker 3: Error: /x7\n    at f (a.ts:1:2)\n    at g (b.ts:3:4)",
    "f (a.ts:1)",
  ],
  ["nothing of an empty text", "", ""],
  ["what is no error", null, "null"],
];

for (const [name, error, cause] of CAUSES) {
  Deno.test(`causeOf() takes ${name}`, () => {
    assertEquals(causeOf(error), cause);
  });
}

Deno.test("causeOf() tells places apart, not messages", () => {
  const here = (message: string) => new Error(message);
  const there = (message: string) => new Error(message);
  assertEquals(causeOf(here("a")), causeOf(here("b")));
  assertNotEquals(causeOf(here("a")), causeOf(there("a")));
});

testWith(
  HAS_FILES,
  "causeOf() of a system's error says where it was asked",
  async () => {
    const causes = new Set<string>();
    for (let n = 0; n < 10; n++) {
      await Deno.readFile(`/nowhere/${n}`).catch((error) =>
        causes.add(causeOf(error))
      );
    }
    // The engine may tell the first of several in another way.
    assert(causes.size <= 2);
    for (const cause of causes) {
      assertMatch(cause, /^NotFound ENOENT .*diagnostics_test\.ts:/);
    }
  },
);

Deno.test("causeOf() takes a long text in little time", async () => {
  await assertQuick(1000, () => {
    causeOf("\n ".repeat(1_000_000));
    causeOf(" ".repeat(1_000_000));
    causeOf(errorWith(`Error: ${" ".repeat(1_000_000)}`));
  });
});
