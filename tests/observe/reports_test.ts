import { assert, assertEquals, assertMatch } from "@std/assert";
import { REPORTS_BYTES_MAX, reportWriter } from "../../lib/observe/reports.ts";
import { until } from "../helpers.ts";

/** A stream that takes bytes while its gate is open. */
class Pipe {
  text = "";
  writes = 0;
  gate: () => Promise<void> = () => Promise.resolve();

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    await this.gate();
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

Deno.test("reportWriter() writes lines in their order", async () => {
  const pipe = new Pipe();
  const reports = reportWriter(pipe);
  reports.append("one\n");
  reports.append("two\nthree\n");
  await until(() => pipe.text !== "", "the reports");
  reports.append("four\n");
  await reports.close();
  assertEquals(pipe.text, "one\ntwo\nthree\nfour\n");
});

const NAME =
  "reportWriter() drops lines that no program reads, and says how many";

Deno.test(NAME, async () => {
  const pipe = new Pipe();
  const open = Promise.withResolvers<void>();
  pipe.gate = () => open.promise;
  const reports = reportWriter(pipe);
  reports.append("first\n");
  await until(() => pipe.writes === 1, "the first write");
  const long = "x".repeat(1023) + "\n";
  const count = REPORTS_BYTES_MAX / long.length + 9;
  for (let n = 0; n < count; n++) reports.append(long);
  open.resolve();
  await reports.close();
  const [first, ...lines] = pipe.text.trimEnd().split("\n");
  assertEquals(first, "first");
  assertMatch(
    lines.pop()!,
    /^skiff: warning: 10 lines were dropped here: no program read standard error$/,
  );
  assertEquals(lines.length, count - 10);
  // What was reported is not reported again.
  reports.append("last\n");
  await reports.close();
  assert(pipe.text.endsWith("standard error\nlast\n"), pipe.text.slice(-200));
});

Deno.test("reportWriter() goes on after its reader has gone, and when one comes back", async () => {
  const pipe = new Pipe();
  pipe.gate = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  const reports = reportWriter(pipe);
  reports.append("lost\n");
  await reports.close();
  pipe.gate = () => Promise.resolve();
  reports.append("seen\n");
  await reports.close();
  assertEquals(
    pipe.text,
    "seen\nskiff: warning: 1 line was dropped here: no program read standard error\n",
  );
});

Deno.test("reportWriter() does not wait for ever when it closes", async () => {
  const pipe = new Pipe();
  const open = Promise.withResolvers<void>();
  pipe.gate = () => open.promise;
  const reports = reportWriter(pipe);
  reports.append("first\n");
  await reports.close();
  assertEquals(pipe.text, "");
  open.resolve();
  await until(() => pipe.text !== "", "the write's end");
});
