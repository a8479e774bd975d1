import { assertEquals } from "@std/assert";
import type { Socket } from "../../lib/server/client.ts";
import { Acceptor, type AcceptorOptions } from "../../lib/server/listener.ts";
import { until, within } from "../helpers.ts";
import { FakeTime } from "../fake_time.ts";

/** What comes to a listener: a connection, or why there is none. */
type Arrival = Deno.Conn | Error;

/** A listener to which comes what a test says. */
class FakeListener {
  readonly #arrivals: Arrival[] = [];
  #waiting: PromiseWithResolvers<Deno.Conn> | undefined;
  closed = 0;

  accept(): Promise<Deno.Conn> {
    if (this.closed > 0) return Promise.reject(new Deno.errors.BadResource());
    const waiting = this.#waiting = Promise.withResolvers<Deno.Conn>();
    this.#settle();
    return waiting.promise;
  }

  close(): void {
    this.closed++;
    this.#waiting?.reject(new Deno.errors.BadResource());
    this.#waiting = undefined;
  }

  arrive(...arrivals: Arrival[]): void {
    this.#arrivals.push(...arrivals);
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting === undefined) return;
    const arrival = this.#arrivals.shift();
    if (arrival === undefined) return;
    if (arrival instanceof Error) this.#waiting.reject(arrival);
    else this.#waiting.resolve(arrival);
    this.#waiting = undefined;
  }
}

let sockets = 0;

/** Something that stands for a connection. */
function socket(): Deno.Conn {
  return { id: ++sockets } as unknown as Deno.Conn;
}

/** An acceptor at work, and all that it tells. */
class Stage implements AsyncDisposable {
  readonly listener = new FakeListener();
  readonly welcomed: Socket[] = [];
  readonly reports: string[] = [];
  exhausted = 0;
  readonly acceptor: Acceptor;
  readonly ended: Promise<void>;

  constructor(options: Partial<AcceptorOptions> = {}) {
    this.acceptor = new Acceptor(this.listener as unknown as Deno.Listener, {
      onConnection: (socket) => this.welcomed.push(socket),
      onExhausted: () => this.exhausted++,
      report: (text) => this.reports.push(text),
      ...options,
    });
    this.ended = this.acceptor.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.acceptor.close();
    await within(this.ended, "the end of accepting");
    assertEquals(this.listener.closed, 1);
  }
}

Deno.test("Acceptor passes on every connection, in order", async () => {
  await using stage = new Stage();
  const all = Array.from({ length: 100 }, socket);
  stage.listener.arrive(...all);
  await until(() => stage.welcomed.length === 100, "all connections");
  assertEquals(stage.welcomed, all);
});

for (
  const kind of [
    "ConnectionAborted",
    "ConnectionReset",
    "NotConnected",
  ] as const
) {
  Deno.test(`Acceptor takes no notice of ${kind}: somebody has left`, async () => {
    await using stage = new Stage();
    using time = new FakeTime();
    for (let count = 0; count < 20; count++) {
      stage.listener.arrive(new Deno.errors[kind]("gone"), socket());
    }
    // No time at all, not even a pause.
    await time.tickAsync(0);
    assertEquals(stage.welcomed.length, 20);
    assertEquals([stage.reports, stage.exhausted], [[], 0]);
  });
}

Deno.test("Acceptor pauses when there are no descriptors, gives some up, and says so once in a while", async () => {
  await using stage = new Stage();
  using time = new FakeTime();
  const cause = "Too many open files (os error 24)";
  /** How many connections there are before and after a pause of 250 ms. */
  const round = async () => {
    stage.listener.arrive(new Error(cause), socket());
    await time.tickAsync(200);
    const before = stage.welcomed.length;
    await time.tickAsync(50);
    return [before, stage.welcomed.length];
  };
  assertEquals(await round(), [0, 1]);
  assertEquals(stage.reports, [
    `Cannot accept connections for the moment: ${cause}`,
  ]);
  await time.tickAsync(9_000);
  assertEquals(await round(), [1, 2]);
  assertEquals([stage.reports.length, stage.exhausted], [1, 2]);
  await time.tickAsync(2_000);
  assertEquals(await round(), [2, 3]);
  assertEquals([stage.reports.length, stage.exhausted], [2, 3]);
});

Deno.test("Acceptor goes on when a connection cannot be welcomed", async () => {
  const welcomed: Socket[] = [];
  await using stage = new Stage({
    onConnection: (socket) => {
      welcomed.push(socket);
      if (welcomed.length === 1) throw "no error at all";
    },
  });
  stage.listener.arrive(socket(), socket());
  await until(() => welcomed.length === 2, "the second connection");
  assertEquals(stage.reports, [
    "Cannot accept connections for the moment: no error at all",
  ]);
});

Deno.test("close() ends an acceptor, be it waiting, pausing or closed already", async () => {
  await using waiting = new Stage();
  waiting.acceptor.close();
  waiting.acceptor.close();
  await within(waiting.ended, "the end");
  assertEquals(waiting.reports, []);

  await using pausing = new Stage();
  pausing.listener.arrive(new Error("no descriptors"), socket());
  await until(() => pausing.exhausted === 1, "the pause");
  pausing.acceptor.close();
  await within(pausing.ended, "the end");
  assertEquals(pausing.welcomed, []);
});
