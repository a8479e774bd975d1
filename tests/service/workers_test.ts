import { assert, assertEquals } from "@std/assert";
import type { Plan } from "../../lib/service/plan.ts";
import type { WorkerCommand, WorkerMessage } from "../../lib/service/worker.ts";
import { Workers, type WorkersDeps } from "../../lib/service/workers.ts";
import {
  request,
  TemporaryDirectory,
  until,
  utf8,
  within,
} from "../helpers.ts";
import { Skiff, testProgram } from "../skiff.ts";
import { planFor } from "./plans.ts";

/** A worker that says what it is told to say, and dies when it is told to. */
const SOURCE = `
self.onmessage = ({ data }) => {
  switch (data.kind) {
    case "say":
      return self.postMessage(data.message);
    case "die":
      throw new Error(data.reason);
    case "hang":
      self.postMessage({ kind: "report", text: "hangs" });
      for (;;);
    default:
      self.postMessage({ kind: "report", text: JSON.stringify(data) });
  }
};
`;

const URL_OF_SOURCE = URL.createObjectURL(
  new Blob([SOURCE], { type: "text/javascript" }),
);

const ADDRESS = { hostname: "127.0.0.1", port: 7 };

/** A plan whose memory can be printed. */
function planOf(isolates: number): Plan {
  const memory = {} as Plan["memory"];
  return { ...planFor("/nowhere"), isolates, memory };
}

/** Workers under supervision, and everything that comes of them. */
class Troupe implements AsyncDisposable {
  /** All workers that were ever started, in order. */
  readonly spawned: Worker[] = [];
  readonly reports: string[] = [];
  readonly logs: string[] = [];
  readonly workers: Workers;
  isReady = false;
  hasEnded = false;

  constructor(count: number, deps: Partial<WorkersDeps> = {}) {
    this.workers = new Workers(planOf(count), {
      address: ADDRESS,
      warnings: [],
      spawn: () => {
        const worker = new Worker(URL_OF_SOURCE, { type: "module" });
        this.spawned.push(worker);
        return worker;
      },
      logSink: {
        write: (bytes) => {
          this.logs.push(new TextDecoder().decode(bytes));
          return Promise.resolve(bytes.length);
        },
      },
      report: (text) => this.reports.push(String(text)),
      ...deps,
    });
    this.workers.ready.then(() => this.isReady = true);
    this.workers.ended.then(() => this.hasEnded = true);
  }

  say(index: number, message: WorkerMessage): void {
    this.spawned[index]!.postMessage({ kind: "say", message });
  }

  /** Tells what the runtime tells when a worker dies, without the noise that it makes of it. */
  die(index: number, message: string): void {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.spawned[index]!.onerror!(event);
    assert(event.defaultPrevented);
  }

  /** Returns when something was reported. */
  async reported(text: string): Promise<void> {
    await until(
      () => this.reports.some((report) => report.includes(text)),
      text,
    );
  }

  /** Returns when a worker has done everything that it was told. */
  async caughtUp(index: number): Promise<void> {
    const text = `caught up ${crypto.randomUUID()}`;
    this.say(index, { kind: "report", text });
    await this.reported(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.workers.stop(0);
    for (const worker of this.spawned) {
      worker.postMessage({ kind: "say", message: { kind: "stopped" } });
    }
    await within(this.workers.ended, "the workers' end");
  }
}

/** What a worker reports of a command that was posted to it. */
function commandReport(index: number, command: WorkerCommand): string {
  return `Worker ${index}: ${JSON.stringify(command)}`;
}

function startOf(index: number, plan: Plan): WorkerCommand {
  return { kind: "start", index, address: ADDRESS, plan };
}

Deno.test("each worker receives its number, its address and its plan", async () => {
  await using troupe = new Troupe(3);
  assertEquals(troupe.spawned.length, 3);
  for (const index of [0, 1, 2]) {
    await troupe.reported(commandReport(index, startOf(index, planOf(3))));
  }
});

Deno.test("workers are ready when all of them have been", async () => {
  await using troupe = new Troupe(3);
  for (const index of [2, 0]) {
    troupe.say(index, { kind: "ready" });
    await troupe.caughtUp(index);
    assertEquals(troupe.isReady, false);
  }
  troupe.say(1, { kind: "ready" });
  await within(troupe.workers.ready, "all to be ready");
});

Deno.test("workers are not ready when one has been twice", async () => {
  await using troupe = new Troupe(2);
  troupe.say(0, { kind: "ready" });
  await troupe.caughtUp(0);
  troupe.die(0, "first");
  await until(() => troupe.spawned.length === 3, "a new worker");
  troupe.say(2, { kind: "ready" });
  await troupe.caughtUp(2);
  assertEquals(troupe.isReady, false);
  troupe.say(1, { kind: "ready" });
  await within(troupe.workers.ready, "both to be ready");
});

Deno.test("what workers log and report is passed on, in order", async () => {
  await using troupe = new Troupe(2);
  for (let line = 0; line < 100; line++) {
    troupe.say(0, { kind: "log", bytes: utf8(`line ${line}\n`) });
  }
  troupe.say(1, { kind: "report", text: "it hurts" });
  await troupe.caughtUp(0);
  await troupe.reported("Worker 1: it hurts");
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}\n`);
  await until(() => troupe.logs.join("") === lines.join(""), "the lines");
});

Deno.test("a worker that dies is replaced, after a pause that grows with every death", async () => {
  await using troupe = new Troupe(2);
  for (const [death, pause] of [100, 200, 400].entries()) {
    const latest = death === 0 ? 1 : death + 1;
    const before = performance.now();
    troupe.die(latest, `death ${death}`);
    await troupe.reported(
      `Worker 1 died, and will be replaced in ${pause} ms: death ${death}`,
    );
    await until(() => troupe.spawned.length === death + 3, "a new worker");
    // A timer may come a little early by another clock.
    assert(performance.now() - before >= pause - 5);
  }
  // The other one has noticed nothing.
  await troupe.caughtUp(0);
});

Deno.test("a worker that is replaced receives the plan and the key pair that the others serve now", async () => {
  await using troupe = new Troupe(2);
  await troupe.reported(commandReport(1, startOf(1, planOf(2))));
  const plan = { ...planOf(2), root: "/elsewhere" };
  const keyPair = { cert: "c", key: "k" };
  troupe.workers.reload(plan);
  troupe.workers.renew(keyPair);
  for (const index of [0, 1]) {
    await troupe.reported(commandReport(index, { kind: "reload", plan }));
    await troupe.reported(commandReport(index, { kind: "renew", keyPair }));
  }
  troupe.die(1, "death");
  await troupe.reported(commandReport(1, startOf(1, { ...plan, keyPair })));
});

Deno.test("a worker that is replaced while others drain is told to drain", async () => {
  await using troupe = new Troupe(2);
  troupe.workers.drain();
  await troupe.reported(commandReport(1, { kind: "drain" }));
  troupe.reports.length = 0;
  troupe.die(1, "death");
  await troupe.reported(commandReport(1, { kind: "drain" }));
});

Deno.test("the pause before a worker is replaced ends its growth at 10 s, and begins anew after a minute of life", async () => {
  const pauses: number[] = [];
  const { setTimeout } = globalThis;
  let now = 1_000_000;
  const fakes: FakeWorker[] = [];
  class FakeWorker {
    onerror: (event: Event) => void = () => {};
    constructor() {
      fakes.push(this);
    }
    postMessage(): void {}
    terminate(): void {}
    die(): void {
      this.onerror(new Event("error", { cancelable: true }));
    }
  }
  const { now: dateNow } = Date;
  Date.now = () => now;
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, ms: number) => {
      pauses.push(ms);
      queueMicrotask(callback);
    },
  });
  try {
    const workers = new Workers(planOf(1), {
      address: ADDRESS,
      warnings: [],
      spawn: () => new FakeWorker() as unknown as Worker,
      logSink: { write: (bytes) => Promise.resolve(bytes.length) },
      report: () => {},
    });
    for (let death = 0; death < 10; death++) {
      now += death === 0 ? 0 : 60_000;
      fakes.at(-1)!.die();
      await Promise.resolve();
    }
    now += 60_001;
    fakes.at(-1)!.die();
    await Promise.resolve();
    fakes.at(-1)!.die();
    assertEquals(
      pauses,
      [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 100, 200],
    );
    workers.stop(0);
    await workers.ended;
  } finally {
    Date.now = dateNow;
    Object.assign(globalThis, { setTimeout });
  }
});

Deno.test("a worker that really dies is replaced", async () => {
  await using troupe = new Troupe(1);
  troupe.spawned[0]!.postMessage({ kind: "die", reason: "a mistake" });
  await troupe.reported("a mistake");
  await until(() => troupe.spawned.length === 2, "a new worker");
  await troupe.caughtUp(1);
});

Deno.test("stop() tells every worker, and the end is when all have said that they have stopped", async () => {
  await using troupe = new Troupe(2);
  troupe.workers.stop(1234);
  for (const index of [0, 1]) {
    await troupe.reported(
      commandReport(index, { kind: "stop", graceMs: 1234 }),
    );
  }
  troupe.say(0, { kind: "log", bytes: utf8("last line\n") });
  troupe.say(0, { kind: "stopped" });
  await until(() => troupe.logs.length === 1, "the last line");
  assertEquals(troupe.hasEnded, false);
  troupe.say(1, { kind: "stopped" });
  await within(troupe.workers.ended, "the end");
});

Deno.test("stop() called again changes nothing", async () => {
  await using troupe = new Troupe(1);
  troupe.workers.stop(1);
  troupe.workers.stop(2);
  await troupe.reported('"graceMs":1');
  await troupe.caughtUp(0);
  assert(!troupe.reports.some((report) => report.includes('"graceMs":2')));
});

Deno.test("a worker that dies while it stops is not replaced", async () => {
  await using troupe = new Troupe(2);
  troupe.workers.stop(60_000);
  troupe.die(0, "at the end");
  troupe.say(1, { kind: "stopped" });
  await within(troupe.workers.ended, "the end");
  assertEquals(troupe.spawned.length, 2);
});

Deno.test("a worker that died before stop() is not replaced after it", async () => {
  await using troupe = new Troupe(1);
  troupe.die(0, "before the end");
  await troupe.reported("died");
  troupe.workers.stop(60_000);
  await within(troupe.workers.ended, "the end");
  assertEquals(troupe.spawned.length, 1);
});

Deno.test("a worker that hangs is ended when its time to stop is over", async () => {
  await using troupe = new Troupe(2);
  troupe.spawned[0]!.postMessage({ kind: "hang" });
  await troupe.reported("Worker 0: hangs");
  troupe.workers.stop(0);
  troupe.say(1, { kind: "stopped" });
  await within(troupe.workers.ended, "the end");
});

const LOG_LINE =
  /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/(\d+)\.txt HTTP\/1\.1" 200 (\d+)$/;

testProgram(
  "skiff with two workers answers, logs every answer, and stops when told to",
  async () => {
    const names = Array.from({ length: 100 }, (_, index) => `${index}.txt`);
    using directory = new TemporaryDirectory(
      Object.fromEntries(names.map((name) => [name, name])),
    );
    await using skiff = new Skiff([directory.path, "--port=0", "--workers=2"]);
    const port = await skiff.listening();
    await Promise.all(names.map(async (name) => {
      assertEquals((await request(port, "GET", `/${name}`)).body, name);
    }));
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);

    const logged = skiff.stdout.trimEnd().split("\n").map((line) => {
      const [, name, bytes] = LOG_LINE.exec(line) ?? [line];
      assertEquals(Number(bytes), `${name}.txt`.length, line);
      return `${name}.txt`;
    });
    assertEquals(logged.toSorted(), names.toSorted());
  },
);
