import { assertEquals } from "@std/assert";
import type { Answer } from "../../lib/check/answer.ts";
import { compareLog } from "../../lib/check/log_compare.ts";
import { LogTally } from "../../lib/check/log_tally.ts";
import { answerOf } from "./answers.ts";

/** Statuses and bytes in the log, the answer now, and what would change. */
const PATHS: readonly (readonly [
  name: string,
  log: readonly (readonly [status: number, bytes: number])[],
  now: Partial<Answer>,
  change: string | undefined,
])[] = [
  ["the same", [[200, 100]], { status: 200, length: 100 }, undefined],
  ["gone", [[200, 100]], { status: 404 }, "gone 404"],
  ["gone, and only fresh", [[304, 0]], { status: 410 }, "gone 410"],
  ["a redirect is gone", [[301, 0]], { status: 404 }, "gone 404"],
  ["never there", [[404, 9]], { status: 404 }, "missing 404"],
  ["there at last", [[404, 9]], { status: 200, length: 9 }, undefined],
  [
    "moved",
    [[200, 9]],
    { status: 301, location: "https://a.example/" },
    "moved another server",
  ],
  ["still redirected", [[301, 0]], {
    status: 301,
    location: "https://a.example/",
  }, undefined],
  [
    "a circle",
    [[200, 9]],
    { status: 301, location: "/x" },
    "gone redirects in a circle",
  ],
  [
    "larger",
    [[200, 1000], [200, 10_000]],
    { status: 200, length: 20_000 },
    "larger 10000 → 20000 bytes",
  ],
  [
    "a little larger",
    [[200, 10_000]],
    { status: 200, length: 10_900 },
    undefined,
  ],
  [
    "larger by less than a tenth",
    [[200, 100_000]],
    { status: 200, length: 105_000 },
    undefined,
  ],
  ["small and larger", [[200, 10]], { status: 200, length: 1000 }, undefined],
  [
    "larger than a part",
    [[206, 10]],
    { status: 200, length: 20_000 },
    undefined,
  ],
  ["no longer kept", [[304, 0]], {
    status: 200,
    lines: [["Cache-Control", "no-store"]],
  }, "uncached no-store"],
  ["never kept", [[200, 0]], {
    status: 200,
    lines: [["Cache-Control", "no-store"]],
  }, undefined],
];

for (const [name, log, now, change] of PATHS) {
  Deno.test(`compareLog(): ${name}`, async () => {
    const tally = new LogTally();
    for (const [status, bytes] of log) {
      tally.add(JSON.stringify({ method: "GET", target: "/x", status, bytes }));
    }
    const answer = answerOf(now);
    const [found] = await compareLog(tally, {
      ask: () => answer,
      smallest: () => answer.length,
    });
    assertEquals(found && `${found.kind} ${found.detail}`, change);
  });
}

Deno.test("compareLog() counts what is larger by what is sent", async () => {
  const tally = new LogTally();
  tally.add('{"method":"GET","target":"/x","status":200,"bytes":3000}');
  const answer = answerOf({ length: 20_000 });
  assertEquals(
    await compareLog(tally, { ask: () => answer, smallest: () => 3100 }),
    [],
  );
});

Deno.test("compareLog() sorts by requests", async () => {
  const tally = new LogTally();
  for (const target of ["/b", "/c", "/c", "/a"]) {
    tally.add(JSON.stringify({ method: "GET", target, status: 200 }));
  }
  const changes = await compareLog(tally, {
    ask: () => answerOf({ status: 404 }),
    smallest: () => 0,
  });
  assertEquals(changes.map(({ path, hits }) => [path, hits]), [["/c", 2], [
    "/a",
    1,
  ], ["/b", 1]]);
});

Deno.test("compareLog() asks for pages as browsers do, and for anything else as pages do", async () => {
  const tally = new LogTally();
  for (const target of ["/", "/a", "/a.html", "/a.js", "/a.b/"]) {
    tally.add(JSON.stringify({ method: "GET", target, status: 404 }));
  }
  const askers: Record<string, string> = {};
  await compareLog(tally, {
    ask: (target, asker) => {
      askers[target] = asker;
      return answerOf();
    },
    smallest: () => 0,
  });
  assertEquals(askers, {
    "/": "document",
    "/a": "document",
    "/a.html": "document",
    "/a.js": "asset",
    "/a.b/": "document",
  });
});
