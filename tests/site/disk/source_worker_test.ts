import { assertEquals } from "@std/assert";
import { startSourceWorker } from "../../../lib/site/disk/source_worker.ts";
import { within } from "../../helpers.ts";

Deno.test("a worker runs the text of its module, whatever characters it has", async () => {
  const text = "100 % #ü\u2028\u{1f980}";
  const worker = startSourceWorker(
    `// A comment\npostMessage(${JSON.stringify(text)});`,
  );
  const { promise, resolve } = Promise.withResolvers<MessageEvent>();
  worker.onmessage = resolve;
  const { data } = await within(promise, "the message");
  worker.terminate();
  assertEquals(data, text);
});
