/**
 * The program while it has nothing to do.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  HAS_PROGRAMS,
  request,
  TemporaryDirectory,
  testWith,
} from "./helpers.ts";
import { Skiff } from "./skiff.ts";

const CAN_COUNT_WAKEUPS = HAS_PROGRAMS && Deno.build.os === "linux";

testWith(CAN_COUNT_WAKEUPS, "a server without connections sleeps", async () => {
  using site = new TemporaryDirectory({ "index.html": "home" });
  await using skiff = new Skiff([site.path, "--port", "0"]);
  const port = await skiff.listening();
  assertEquals((await request(port, "GET", "/")).status, 200);
  // The watch begins, and the connection is forgotten; from then on a second has next to nothing to do.
  const end = Date.now() + IDLE_MS_MAX;
  let count = Infinity;
  while (count > WAKEUPS_MAX) {
    assert(Date.now() < end, `${count} wakeups in a second`);
    const before = wakeups(skiff.pid);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    count = wakeups(skiff.pid) - before;
  }
});

/** Wakeups in a second that pass for sleep, and how long it may take until the server sleeps. */
const WAKEUPS_MAX = 1;
const IDLE_MS_MAX = 10_000;

/** How often the main thread of a process has waited for something so far. */
function wakeups(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)![1]);
}
