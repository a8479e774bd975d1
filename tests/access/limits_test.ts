import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  CONNECTION_BYTES,
  ConnectionLimit,
  connectionMemory,
  type Rate,
  RATE_BYTES,
  RateLimit,
  rateMemory,
} from "../../lib/access/limits.ts";
import type { HashKey } from "../../lib/access/keyed_hash.ts";
import { HAS_FILES, Random, testWith } from "../helpers.ts";
import type { Work } from "./limits_worker.ts";

const NOW = Date.UTC(2030, 0, 1);
const ANN = "192.0.2.1";
const BOB = "2001:db8:0:0::/64";

/** How many of so many requests at one time pass. */
function passing(limit: RateLimit, count: number, now: number): number {
  let passed = 0;
  for (let i = 0; i < count; i++) if (limit.take(ANN, now) === 0) passed++;
  return passed;
}

const BURSTS: readonly (readonly [rate: Rate, burst: number])[] = [
  [{ rate: 1 }, 10],
  [{ rate: 5 }, 10],
  [{ rate: 6 }, 12],
  [{ rate: 100 }, 200],
  [{ rate: 1_000 }, 2_000],
  [{ rate: 0.01 }, 10],
  [{ rate: 3, burst: 1 }, 1],
  [{ rate: 0.5, burst: 5 }, 5],
  [{ rate: 7, burst: 70 }, 70],
];

for (const [rate, burst] of BURSTS) {
  const name = JSON.stringify(rate);
  Deno.test(`RateLimit ${name} lets ${burst} pass at once`, () => {
    const limit = new RateLimit(rate);
    assertStrictEquals(passing(limit, burst + 100, NOW), burst);
    assertStrictEquals(limit.take(BOB, NOW), 0);
  });

  Deno.test(`RateLimit ${name} is full again after a pause`, () => {
    const limit = new RateLimit(rate);
    passing(limit, burst, NOW);
    const later = NOW + 1000 * burst / rate.rate;
    assertStrictEquals(passing(limit, burst + 100, later), burst);
  });

  Deno.test(`RateLimit ${name} lets the rate pass for ever`, () => {
    const limit = new RateLimit(rate);
    for (let i = 0; i < 1000; i++) {
      assertStrictEquals(limit.take(ANN, NOW + i * 1000 / rate.rate), 0);
    }
  });
}

Deno.test("RateLimit tells how long to wait, and that is right", () => {
  const limit = new RateLimit({ rate: 0.1, burst: 3 });
  assertStrictEquals(passing(limit, 3, NOW), 3);
  assertStrictEquals(limit.take(ANN, NOW), 10);
  assertStrictEquals(limit.take(ANN, NOW + 4_500), 6);
  assertStrictEquals(limit.take(ANN, NOW + 9_800), 1);
  assertStrictEquals(limit.take(ANN, NOW + 10_000), 0);
  assertStrictEquals(limit.take(ANN, NOW + 10_000), 10);
});

Deno.test("RateLimit does not count what it refuses", () => {
  const limit = new RateLimit({ rate: 1, burst: 1 });
  assertStrictEquals(passing(limit, 1000, NOW), 1);
  assertStrictEquals(limit.take(ANN, NOW + 1000), 0);
});

Deno.test("RateLimit.peek() counts nothing", () => {
  const limit = new RateLimit({ rate: 1, burst: 2 });
  for (let i = 0; i < 10; i++) assertStrictEquals(limit.peek(ANN, NOW), 0);
  assertStrictEquals(passing(limit, 5, NOW), 2);
  assertStrictEquals(limit.peek(ANN, NOW), 1);
  assertStrictEquals(limit.peek(BOB, NOW), 0);
});

Deno.test("RateLimit.giveBack() takes back one request, in any order and from any isolate", () => {
  const memory = rateMemory();
  const limit = new RateLimit({ rate: 1, burst: 3 }, memory);
  const other = new RateLimit({ rate: 1, burst: 3 }, memory);
  assertStrictEquals(passing(limit, 5, NOW), 3);
  other.giveBack(ANN, NOW);
  assertStrictEquals(passing(limit, 5, NOW), 1);
  for (let i = 0; i < 3; i++) limit.giveBack(ANN, NOW);
  assertStrictEquals(limit.ahead(ANN, NOW), 0);
  // More than was taken is not to be had, and nothing of what strangers have taken.
  limit.giveBack(ANN, NOW);
  assertStrictEquals(passing(limit, 5, NOW), 3);
  assertStrictEquals(passing(limit, 5, NOW + 1000), 1);
  limit.take(BOB, NOW);
  for (let i = 0; i < 100; i++) limit.giveBack(`10.0.0.${i}`, NOW);
  assertStrictEquals(limit.ahead(BOB, NOW), 1);
});

Deno.test("RateLimit.ahead() counts what is not yet waited for", () => {
  const limit = new RateLimit({ rate: 0.5, burst: 5 });
  assertStrictEquals(limit.ahead(ANN, NOW), 0);
  passing(limit, 9, NOW);
  assertStrictEquals(limit.ahead(ANN, NOW), 5);
  assertStrictEquals(limit.ahead(ANN, NOW + 3000), 3.5);
  assertStrictEquals(limit.ahead(ANN, NOW + 60_000), 0);
  assertStrictEquals(limit.ahead(BOB, NOW), 0);
});

Deno.test("RateLimit lets nobody wait for long when the clock goes back", () => {
  for (const back of [1, 500, 5_000, 3_600_000, 10 ** 12]) {
    const limit = new RateLimit({ rate: 2, burst: 4 });
    passing(limit, 10, NOW);
    const now = NOW - back;
    assertLessOrEqual(limit.take(ANN, now), 2);
    let second = 0;
    while (limit.take(ANN, now + 1000 * second) > 0) second++;
    assertLessOrEqual(second, 2, `${back} ms`);
    // And nobody gets more than a burst from it.
    assertLessOrEqual(passing(limit, 100, now + 1000 * second), 3);
  }
});

Deno.test("RateLimit gives nothing away to isolates with different clocks", () => {
  const limit = new RateLimit({ rate: 1000, burst: 10 });
  let passed = 0;
  for (let ms = 0; ms < 1000; ms++) {
    for (const skew of [0, -900, 5, -3]) {
      for (let i = 0; i < 5; i++) {
        if (limit.take(ANN, NOW + ms + skew) === 0) passed++;
      }
    }
  }
  assertLessOrEqual(passed, 1000 + 10 + 5);
});

for (const rate of [10_000, 100_000, 1_000_000]) {
  Deno.test(`RateLimit keeps to ${rate} a second as well as times are rounded`, () => {
    const limit = new RateLimit({ rate, burst: 10 });
    let passed = 0;
    for (let i = 0; i < 100_000; i++) {
      if (limit.take(ANN, NOW + i * 500 / rate) === 0) passed++;
    }
    assertLessOrEqual(passed, 50_000 * 1.03);
    assertGreaterOrEqual(passed, 50_000 * 0.97);
  });
}

Deno.test("RateLimit is over a clock that has gone ahead at once", () => {
  const limit = new RateLimit({ rate: 1, burst: 3 });
  passing(limit, 3, NOW);
  assertStrictEquals(passing(limit, 5, NOW + 10 ** 10), 3);
});

/** The same limit for one subject, without any sketch. */
class ExactLimit {
  #arrival = 0;
  take(now: number, rate: number, burst: number): boolean {
    const arrival = Math.max(this.#arrival, now);
    if (arrival - now > (burst - 1) * 1000 / rate + 1e-6) return false;
    this.#arrival = arrival + 1000 / rate;
    return true;
  }
}

/** A minute of a million requests from 50,000 subjects, of which `busy` ask for far more than they may have. */
function million(limit: RateLimit, rate: number, burst: number, busy: number) {
  const random = new Random(7);
  const subjects = Array.from({ length: 50_000 }, (_, i) => ({
    name: i % 3 === 0 ? `2001:db8:${i.toString(16)}:0::/64` : `10.${i}`,
    exact: new ExactLimit(),
    passed: 0,
  }));
  let within = 0;
  let refused = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const now = NOW + i * 0.06;
    const isBusy = i % 2 === 0;
    const subject = subjects[random.below(isBusy ? busy : subjects.length)]!;
    const passes = limit.take(subject.name, now) === 0;
    if (passes) subject.passed++;
    if (subject.exact.take(now, rate, burst)) {
      within++;
      if (!passes) refused++;
    }
  }
  const most = Math.max(...subjects.map(({ passed }) => passed));
  return { within, refused, most };
}

Deno.test("RateLimit takes a million requests of 50,000 subjects", () => {
  const rate = 2;
  const burst = 10;
  const memory = rateMemory();
  const limit = new RateLimit({ rate, burst }, memory);
  const { within, refused, most } = million(limit, rate, burst, 1_000);
  assertStrictEquals(memory.buffer.byteLength, RATE_BYTES);
  // Half a million from those who ask for little, and a minute's worth from each who asks for much.
  assertGreaterOrEqual(within, 500_000);
  assertLessOrEqual(refused / within, 0.001, `${refused} of ${within}`);
  assertLessOrEqual(most, rate * 60 + burst);
  assertGreaterOrEqual(most, rate * 60 + burst - 2);
});

Deno.test("RateLimit shares its memory, and its secret, when it is told to", () => {
  const memory = rateMemory();
  const rate = { rate: 1, burst: 2 };
  const here = new RateLimit(rate, memory);
  const there = new RateLimit(rate, structuredClone(memory));
  assertStrictEquals(here.take(ANN, NOW), 0);
  assertStrictEquals(there.take(ANN, NOW), 0);
  assertStrictEquals(here.take(ANN, NOW), 1);
  assertStrictEquals(there.take(ANN, NOW), 1);
  assertStrictEquals(new RateLimit(rate).take(ANN, NOW), 0);
});

Deno.test("limits have another key each time", () => {
  const keys = Array.from({ length: 100 }, () => rateMemory().key);
  for (const word of [0, 1] as const) {
    const words = keys.map((key) => key[word]);
    assertStrictEquals(new Set(words).size, 100);
    // All of its bits.
    assert(words.some((each) => each > 2 ** 31));
  }
});

Deno.test("RateLimit puts subjects elsewhere with another key", () => {
  const cellsWith = (...key: HashKey) => {
    const { buffer } = rateMemory();
    new RateLimit({ rate: 1 }, { buffer, key }).take(ANN, NOW);
    return [...new Float64Array(buffer).entries()]
      .filter(([, cell]) => cell > 0).map(([place]) => place);
  };
  const cells = cellsWith(1, 0);
  assertStrictEquals(cells.length, 3);
  assertEquals(cellsWith(1, 0), cells);
  assertNotEquals(cellsWith(2, 0), cells);
  assertNotEquals(cellsWith(1, 256), cells);
});

/** What a worker says next. */
function answerOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    worker.onerror = reject;
  });
}

testWith(HAS_FILES, "RateLimit is one limit in two isolates", async () => {
  const memory = rateMemory();
  const url = new URL("./limits_worker.ts", import.meta.url);
  const workers = [1, 2].map(() => new Worker(url, { type: "module" }));
  await Promise.all(workers.map(answerOf));
  const begin = Date.now() + 100;
  const work: Work = { memory, rate: 200, burst: 20, begin, end: begin + 500 };
  const counts = await Promise.all(workers.map((worker) => {
    worker.postMessage(work);
    return answerOf(worker);
  }));
  for (const worker of workers) worker.terminate();
  const passed = counts[0]! + counts[1]!;
  // Both together: 20, and 200 in a second. Two limits would have let twice that pass.
  assertLessOrEqual(passed, 132);
  // Less when they hardly had a turn.
  assertGreaterOrEqual(passed, 60);
});

Deno.test("ConnectionLimit tells how many are open beyond what may be", () => {
  const limit = new ConnectionLimit(3);
  const opened = [1, 2, 3, 4, 5].map(() => limit.open(ANN));
  assertEquals(opened, [0, 0, 0, 1, 2]);
  assertStrictEquals(limit.open(BOB), 0);
  limit.close(ANN);
  // Those beyond it count as long as they are open.
  assertStrictEquals(limit.open(ANN), 2);
  for (let i = 0; i < 3; i++) limit.close(ANN);
  assertStrictEquals(limit.open(ANN), 0);
});

Deno.test("ConnectionLimit counts in all isolates together", () => {
  const memory = connectionMemory(3);
  assertStrictEquals(memory.buffer.byteLength, 3 * CONNECTION_BYTES);
  const isolates = [0, 1, 2].map((isolate) =>
    new ConnectionLimit(4, structuredClone(memory), isolate)
  );
  const opened = Array.from(
    { length: 6 },
    (_, i) => isolates[i % 3]!.open(ANN),
  );
  assertEquals(opened, [0, 0, 0, 0, 1, 2]);
});

Deno.test("ConnectionLimit forgets what a crashed isolate had open", () => {
  const memory = connectionMemory(2);
  const first = new ConnectionLimit(2, memory, 0);
  const second = new ConnectionLimit(2, memory, 1);
  assertStrictEquals(first.open(ANN), 0);
  assertStrictEquals(second.open(ANN), 0);
  assertStrictEquals(first.open(ANN), 1);
  first.close(ANN);
  const secondAgain = new ConnectionLimit(2, memory, 1);
  assertStrictEquals(secondAgain.open(ANN), 0);
  assertStrictEquals(first.open(ANN), 1);
  first.close(ANN);
});

Deno.test("ConnectionLimit is empty when all are closed", () => {
  const memory = connectionMemory();
  const limit = new ConnectionLimit(5, memory);
  const random = new Random(3);
  const open: string[] = [];
  for (let i = 0; i < 100_000; i++) {
    if (open.length > 0 && random.below(2) === 0) {
      limit.close(open.splice(random.below(open.length), 1)[0]!);
    } else {
      const subject = `10.0.${random.below(50)}.1`;
      if (limit.open(subject) === 0) open.push(subject);
      else limit.close(subject);
    }
  }
  const counts = Map.groupBy(open, (subject) => subject);
  for (const some of counts.values()) assertLessOrEqual(some.length, 5);
  for (const subject of open) limit.close(subject);
  assert(new Int32Array(memory.buffer).every((cell) => cell === 0));
});

Deno.test("ConnectionLimit hardly takes one for another", () => {
  const limit = new ConnectionLimit(2);
  let early = 0;
  for (let i = 0; i < 10_000; i++) {
    // By the key that is new in each run: 2 % are expected at the end, and fewer before.
    const opened = [limit.open(`10.0.${i}`), limit.open(`10.0.${i}`)];
    if (opened.some((excess) => excess > 0)) early++;
  }
  assertLessOrEqual(early / 10_000, 0.04);
});
