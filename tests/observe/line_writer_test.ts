import { assertEquals } from "@std/assert";
import { LineWriter } from "../../lib/observe/line_writer.ts";
import type { ByteSink } from "../../lib/observe/line_writer.ts";

/** A writer with little room, and what it says of failures and of dropped lines. */
function create(sink: ByteSink) {
  const failures: string[] = [];
  const dropped: number[] = [];
  const writer = new LineWriter({
    sink,
    batchMs: 0,
    backlogMax: 10,
    onFailure: (reason) => failures.push(reason),
    onDropped: (count) => dropped.push(count),
  });
  return { writer, failures, dropped };
}

// Batches, torn lines and full disks are tried in access_log_test.ts.

Deno.test("LineWriter counts each line of what finds no room", async () => {
  const writes: string[] = [];
  const { writer, failures, dropped } = create({
    write(bytes) {
      writes.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  writer.append("123456789\n");
  writer.append("a\nb\nc\n");
  assertEquals(await writer.close(), true);
  assertEquals(writes, ["123456789\n"]);
  assertEquals(dropped, [3]);
  writer.reportDropped();
  assertEquals([dropped.length, failures.length], [1, 0]);
});

Deno.test("LineWriter says why the sink fails, and counts what was in the write", async () => {
  const { writer, failures, dropped } = create({
    write: () => Promise.reject(new Error("full")),
  });
  writer.append("a\nb\n");
  assertEquals(await writer.close(), true);
  assertEquals([failures, dropped], [["full"], []]);
  writer.reportDropped();
  assertEquals(dropped, [2]);
});
