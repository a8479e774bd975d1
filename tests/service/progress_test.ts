import { assertEquals } from "@std/assert";
import { Progress } from "../../lib/service/progress.ts";

function sinkOf(isTerminal: boolean) {
  const written: string[] = [];
  return {
    written,
    isTerminal: () => isTerminal,
    writeSync: (bytes: Uint8Array) => {
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
}

Deno.test("Progress writes to a terminal, and cleans up", () => {
  const sink = sinkOf(true);
  const progress = new Progress("files", sink);
  progress.update(1200, 3000);
  progress.update(1201, 3000);
  progress[Symbol.dispose]();
  progress[Symbol.dispose]();
  const text = "Checked 1,200 of 3,000 files";
  assertEquals(sink.written, [`\r${text}`, `\r${" ".repeat(text.length)}\r`]);
});

Deno.test("Progress writes nothing to anything else", () => {
  const sink = sinkOf(false);
  const progress = new Progress("files", sink);
  progress.update(1, 2);
  progress[Symbol.dispose]();
  assertEquals(sink.written, []);
});
