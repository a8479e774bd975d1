import { assert, assertEquals } from "@std/assert";
import { AccessLog, BACKLOG_BYTES_MAX } from "../../lib/observe/access_log.ts";
import { LOG_FORMATS } from "../../lib/observe/log_format.ts";
import type { ByteSink } from "../../lib/observe/line_writer.ts";
import { testWith, until } from "../helpers.ts";
import { EXCHANGE } from "./exchanges.ts";
import { FakeTime } from "../fake_time.ts";

/** Keeps what is written; `gate` decides when, and whether. */
class FakeSink {
  readonly writes: string[] = [];
  gate: () => Promise<void> = () => Promise.resolve();
  readonly #most: number;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate();
    const taken = bytes.subarray(0, this.#most);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}

function createLog(sink: ByteSink) {
  const reports: unknown[] = [];
  const log = new AccessLog(
    sink,
    { format: LOG_FORMATS.common },
    (error) => reports.push(error),
  );
  return { log, reports };
}

const LINE = LOG_FORMATS.common(EXCHANGE);

Deno.test("AccessLog writes lines in batches", async () => {
  const sink = new FakeSink();
  const { log, reports } = createLog(sink);
  for (let count = 0; count < 3; count++) log.record(EXCHANGE);
  assertEquals(sink.writes, []);
  await until(() => sink.writes.length > 0, "the batch");
  assertEquals(sink.writes, [LINE.repeat(3)]);
  log.record(EXCHANGE);
  await until(() => sink.writes.length > 1, "the next batch");
  assertEquals(sink.writes[1], LINE);
  await log.close();
  assertEquals(sink.writes.length, 2);
  assertEquals(reports, []);
});

Deno.test("AccessLog.close() writes what waits", async () => {
  const sink = new FakeSink();
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes, [LINE]);
});

Deno.test("AccessLog.close() waits for what is being written, and writes the rest", async () => {
  const sink = new FakeSink();
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await until(() => gates === 1, "the first write");
  log.record({ ...EXCHANGE, status: 404 });
  let isClosed = false;
  const closed = log.close().then(() => isClosed = true);
  await Promise.resolve();
  assertEquals(isClosed, false);
  open.resolve();
  await closed;
  assertEquals(sink.writes, [LINE, LINE.replace(" 200 ", " 404 ")]);
});

Deno.test("AccessLog writes one batch at a time", async () => {
  const sink = new FakeSink(40);
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  using time = new FakeTime();
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await time.tickAsync(1_000);
  assertEquals(gates, 1);
  log.record({ ...EXCHANGE, status: 404 });
  // For longer than the second line waits for others.
  await time.tickAsync(1_000);
  assertEquals(gates, 1);
  open.resolve();
  await log.close();
  assertEquals(sink.writes.join(""), LINE + LINE.replace(" 200 ", " 404 "));
});

Deno.test("AccessLog.close() without lines writes nothing", async () => {
  const sink = new FakeSink();
  await createLog(sink).log.close();
  assertEquals(sink.writes, []);
});

Deno.test("AccessLog writes everything to a sink that takes little at a time", async () => {
  const sink = new FakeSink(10);
  const { log } = createLog(sink);
  for (let count = 0; count < 5; count++) log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes.join(""), LINE.repeat(5));
});

Deno.test("AccessLog drops lines when its reader is too slow, and tells how many", async () => {
  const sink = new FakeSink();
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  const { log, reports } = createLog(sink);
  const long = { ...EXCHANGE, requestLine: `GET /${"x".repeat(8000)}` };
  const fitting = Math.floor(
    BACKLOG_BYTES_MAX / LOG_FORMATS.common(long).length,
  );
  log.record(long);
  await until(() => gates === 1, "the first write");
  for (let count = 1; count < fitting + 3; count++) log.record(long);
  assertEquals(reports, []);
  open.resolve();
  await log.close();
  assertEquals(sink.writes.join("").split("\n").length - 1, fitting);
  assertEquals(reports.map(String), [
    "3 lines of the access log were dropped",
  ]);

  // There is room again, and what was told is not told again.
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes.at(-1), LINE);
  assertEquals(reports.length, 1);
});

Deno.test("AccessLog writes lines in the form it is given", async () => {
  const sink = new FakeSink();
  const log = new AccessLog(
    sink,
    { format: ({ status }) => `${status}!\n` },
    () => {},
  );
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes, ["200!\n"]);
});

/** What a full disk answers with. */
/** What is said of it. */
const TOLD =
  "The access log cannot be written: No space left on device (os error 28)";

function diskFull(): Error {
  return Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
}

Deno.test("AccessLog drops the lines of a full disk, goes on trying, and tells how many are lost", async () => {
  const sink = new FakeSink();
  const failure = diskFull();
  let tries = 0;
  sink.gate = () => {
    tries++;
    return Promise.reject(failure);
  };
  const { log, reports } = createLog(sink);
  for (let batch = 1; batch <= 3; batch++) {
    for (let count = 0; count < batch; count++) log.record(EXCHANGE);
    await until(() => tries === batch, `try ${batch}`);
  }
  assertEquals(reports, [TOLD, TOLD, TOLD]);
  sink.gate = () => Promise.resolve();
  log.record({ ...EXCHANGE, status: 404 });
  await until(() => sink.writes.length > 0, "the disk's being taken again");
  await until(() => reports.length > 3, "the number");
  // Nothing that was dropped comes after all, or twice.
  assertEquals(sink.writes, [LINE.replace(" 200 ", " 404 ")]);
  assertEquals(reports.slice(3), ["6 lines of the access log were dropped"]);
  await log.close();
  assertEquals(reports.length, 4);
});

Deno.test("AccessLog goes on after a sink that throws at once", async () => {
  let isBroken = true;
  const writes: number[] = [];
  const { log, reports } = createLog({
    write(bytes) {
      if (isBroken) throw diskFull();
      writes.push(bytes.length);
      return Promise.resolve(bytes.length);
    },
  });
  log.record(EXCHANGE);
  await until(() => reports.length > 0, "the failure");
  isBroken = false;
  log.record(EXCHANGE);
  await log.close();
  assertEquals(writes, [LINE.length]);
  assertEquals(reports.slice(1), ["1 line of the access log was dropped"]);
});

Deno.test("AccessLog.close() tells of lines that were never written", async () => {
  const sink = new FakeSink();
  const failure = diskFull();
  sink.gate = () => Promise.reject(failure);
  const { log, reports } = createLog(sink);
  for (let count = 0; count < 5; count++) log.record(EXCHANGE);
  await log.close();
  assertEquals(reports, [TOLD, "5 lines of the access log were dropped"]);
});

Deno.test("AccessLog counts what found no room and what was not taken together", async () => {
  const sink = new FakeSink();
  sink.gate = () => Promise.reject(diskFull());
  const { log, reports } = createLog(sink);
  const half = "x".repeat(BACKLOG_BYTES_MAX / 2 - 1) + "\n";
  log.append(half);
  log.append(half);
  log.append(LINE + LINE);
  await log.close();
  assertEquals(reports.slice(1), ["4 lines of the access log were dropped"]);
  // What was dropped waits no more.
  sink.gate = () => Promise.resolve();
  log.append(half);
  log.append(half);
  await log.close();
  assertEquals(sink.writes.join("").length, BACKLOG_BYTES_MAX);
  assertEquals(reports.length, 2);
});

Deno.test("AccessLog keeps a line that was cut off apart from the next", async () => {
  const sink = new FakeSink(LINE.length + 10);
  const { log, reports } = createLog(sink);
  const failure = diskFull();
  // The first write takes a line and a bit; there is room for no more.
  sink.gate = () =>
    sink.writes.length === 1 ? Promise.reject(failure) : Promise.resolve();
  for (let count = 0; count < 3; count++) log.record(EXCHANGE);
  await until(() => reports.length > 0, "the failure");
  log.record(EXCHANGE);
  await until(() => reports.length > 1, "the second failure");
  sink.gate = () => Promise.resolve();
  log.record(EXCHANGE);
  log.record(EXCHANGE);
  await log.close();
  assertEquals(
    sink.writes.join(""),
    `${LINE}${LINE.slice(0, 10)}\n${LINE}${LINE}`,
  );
  // Two of the first three, cut off or not, and the one after them.
  assertEquals(reports, [
    TOLD,
    TOLD,
    "3 lines of the access log were dropped",
  ]);
});

Deno.test("AccessLog does not wait for a sink that takes nothing", async () => {
  let tries = 0;
  const { log, reports } = createLog({
    write: () => Promise.resolve(tries++ < 9 ? 0 : LINE.length),
  });
  log.record(EXCHANGE);
  await log.close();
  assertEquals(tries, 1);
  assertEquals(
    reports[0],
    "The access log cannot be written: nothing was taken",
  );
});

/** A disk that is always full, where the system has one and it may be used. */
const FULL_DISK = openFullDisk();

function openFullDisk(): string | undefined {
  const path = "/dev/full";
  try {
    Deno.openSync(path, { write: true }).close();
    return path;
  } catch {
    return undefined;
  }
}

testWith(
  FULL_DISK !== undefined,
  "AccessLog outlives a full disk",
  async () => {
    using disk = Deno.openSync(FULL_DISK!, { write: true });
    const { log, reports } = createLog(disk);
    for (let batch = 1; batch <= 2; batch++) {
      log.record(EXCHANGE);
      await until(() => reports.length === batch, `report ${batch}`);
    }
    await log.close();
    assert(String(reports[0]).includes("No space left on device"));
    assertEquals(reports.slice(2), ["2 lines of the access log were dropped"]);
  },
);
