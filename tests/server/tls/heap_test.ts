import { assertEquals } from "@std/assert";
import { HAS_PROGRAMS, testWith } from "../../helpers.ts";

const HEAP = new URL("../../../lib/server/tls/heap.ts", import.meta.url).href;

/** Says whether the process shrinks when it frees a block of 8 MiB. */
const SCRIPT = `
const size = () => Number(/VmSize:\\s+(\\d+)/.exec(
  Deno.readTextFileSync("/proc/self/status"))[1]);
const block = new ArrayBuffer(8 << 20);
const before = size();
block.transfer(0);
const hasShrunk = before - size() >= 8 << 10;
Deno.stdout.writeSync(new TextEncoder().encode(String(hasShrunk)));
`;

const KEEPING = `
import { keepFreedMemory } from ${JSON.stringify(HEAP)};
keepFreedMemory();
`;

testWith(
  HAS_PROGRAMS && Deno.build.os === "linux" &&
    Deno.build.target.endsWith("gnu"),
  "memory that is freed stays with the process",
  async () => {
    for (const [script, shrinks] of [["", true], [KEEPING, false]] as const) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-check", script + SCRIPT],
        stderr: "inherit",
      }).output();
      assertEquals(new TextDecoder().decode(stdout), String(shrinks));
    }
  },
);
