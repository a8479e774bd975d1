import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import { reply } from "../../lib/http/reply.ts";
import { Server } from "../../lib/server/server.ts";
import { type Loopback, nextTask, Rounds } from "../../lib/server/rounds.ts";
import { HAS_NETWORK, testWith, utf8, within, writeAll } from "../helpers.ts";
import { TurnCounter } from "../turn_counter.ts";

/** Ends of a connection that a test moves the bytes of. */
class FakeLoopback {
  writes = 0;
  readonly closed: string[] = [];
  /** What the last read waits for. */
  arrival = Promise.withResolvers<number>();

  get loopback(): Loopback {
    return {
      near: {
        write: () => {
          this.writes++;
          this.arrival = Promise.withResolvers<number>();
          return Promise.resolve(1);
        },
        close: () => this.closed.push("near"),
      },
      far: {
        read: () => this.arrival.promise,
        close: () => this.closed.push("far"),
      },
    } as unknown as Loopback;
  }

  /** Lets the byte that is under way arrive. */
  async arrive(): Promise<void> {
    await settle();
    this.arrival.resolve(1);
    await settle();
  }
}

/** Lets everything happen that waits for nothing else. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const connections of [0, 1, 15]) {
  Deno.test(`next() of ${connections} connections is at once`, () => {
    const fake = new FakeLoopback();
    const rounds = new Rounds(fake.loopback);
    assertStrictEquals(rounds.next(connections), undefined);
    assertEquals(fake.writes, 0);
  });
}

const TRIP_ROWS: readonly [connections: number, trips: number][] = [
  [16, 1],
  [120, 1],
  [121, 2],
  [1000, 9],
  [10_000, 84],
];

for (const [connections, trips] of TRIP_ROWS) {
  Deno.test(`next() of ${connections} connections is after a byte has come ${trips} times`, async () => {
    const fake = new FakeLoopback();
    const rounds = new Rounds(fake.loopback);
    let isOver = false;
    const turn = rounds.next(connections)!.then(() => isOver = true);
    for (let trip = 1; trip <= trips; trip++) {
      assertEquals([isOver, fake.writes], [false, trip]);
      await fake.arrive();
    }
    assertEquals([isOver, fake.writes], [true, trips]);
    await turn;
  });
}

Deno.test("next() called within a round is the same round's end, and then the next one's", async () => {
  const fake = new FakeLoopback();
  const rounds = new Rounds(fake.loopback);
  const turn = rounds.next(16);
  assertStrictEquals(rounds.next(16), turn);
  assertStrictEquals(rounds.next(5000), turn);
  assertStrictEquals(rounds.next(15), undefined);
  await fake.arrive();
  await turn;
  const another = rounds.next(16);
  assert(another !== turn);
  assertEquals(fake.writes, 2);
  await fake.arrive();
  await another;
});

Deno.test("whoever asks as soon as a round is over gets another one", async () => {
  const fake = new FakeLoopback();
  const rounds = new Rounds(fake.loopback);
  const turn = rounds.next(16)!;
  const another = turn.then(() => rounds.next(16));
  await fake.arrive();
  assertEquals(fake.writes, 2);
  await fake.arrive();
  assertStrictEquals(await another, undefined);
  assertEquals(fake.writes, 2);
});

Deno.test("a round is over when the connection with itself fails", async () => {
  const fake = new FakeLoopback();
  const rounds = new Rounds(fake.loopback);
  const turn = rounds.next(1000);
  await settle();
  fake.arrival.reject(new Deno.errors.ConnectionReset());
  assertStrictEquals(await turn, undefined);
});

Deno.test("close() closes both ends", () => {
  const fake = new FakeLoopback();
  new Rounds(fake.loopback).close();
  assertEquals(fake.closed.toSorted(), ["far", "near"]);
});

/** A real connection of this process with itself. */
async function connectLoopback(): Promise<Loopback> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [near, far] = await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
  near.setNoDelay(true);
  return { near, far };
}

testWith(
  HAS_NETWORK,
  "rounds over a real connection turn, one after the other",
  async () => {
    const rounds = new Rounds(await connectLoopback());
    for (const connections of [16, 1000, 10_000]) {
      const turn = rounds.next(connections)!;
      assertStrictEquals(await within(turn, "the turn"), undefined);
    }
    rounds.close();
  },
);

testWith(
  HAS_NETWORK,
  "close() ends the round that is turning, and there are no more to wait for",
  async () => {
    const rounds = new Rounds(await connectLoopback());
    const turn = rounds.next(10_000)!;
    rounds.close();
    assertStrictEquals(await within(turn, "the turn"), undefined);
    const late = rounds.next(10_000)!;
    assertStrictEquals(await within(late, "a turn after the end"), undefined);
  },
);

/** Does nothing for so many ms, as a server does that has work. */
function beBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** How many connections are always ready to be read. */
const BUSY = 300;

/** What each of them asks. It fits what the system keeps, and is several times what the server reads in one go. */
const REQUESTS = 80;
const PADDING = `X-Padding: ${"x".repeat(450)}\r\n`;

/** Connects, and sends all requests. Each has the index of its connection as its target. */
async function sendRequests(port: number, index: number): Promise<Deno.Conn> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET /${index} HTTP/1.1\r\nHost: a\r\n${PADDING}\r\n`;
  await writeAll(socket, utf8(request.repeat(REQUESTS)));
  return socket;
}

testWith(HAS_NETWORK, "of 300 busy connections none starves", async () => {
  const answer = reply(204, []);
  const answers = new Array<number>(BUSY).fill(0);
  const everythingIsSent = Promise.withResolvers<void>();
  const half = Promise.withResolvers<number[]>();
  let sum = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const reports: unknown[] = [];
  const server = new Server(listener, {
    respond: (head) => {
      const index = Number(head.target.slice(1));
      beBusy(0.02);
      if (++sum === BUSY * REQUESTS / 2) half.resolve([...answers]);
      return ++answers[index]! > 1
        ? answer
        : everythingIsSent.promise.then(() => answer);
    },
    rounds: new Rounds(await connectLoopback()),
    report: (error) => reports.push(error),
  });
  const served = server.serve();
  const sockets = await Promise.all(
    answers.map((_, index) => sendRequests(listener.addr.port, index)),
  );
  everythingIsSent.resolve();
  // Taken in the middle, when everybody has still something to ask.
  const counts = await within(half.promise, "half of all answers");
  for (const socket of sockets) socket.close();
  await server.stop(0);
  await served;
  assertEquals(reports, []);
  const mean = REQUESTS / 2;
  assertGreater(Math.min(...counts), mean / 3);
  assertLess(Math.max(...counts), mean * 3 / 2);
});

Deno.test("nextTask() lets other work run between those that await it", async () => {
  using other = new TurnCounter();
  const seen = await Promise.all(Array.from({ length: 5 }, async () => {
    await nextTask();
    return other.turns;
  }));
  assertEquals(seen, [...new Set(seen)], String(seen));
});
