/**
 * What the figures were measured on.
 *
 * @module
 */

import { findProgram, run } from "./process.ts";

/** The machine, as a reader of the figures needs it. */
export interface Machine {
  readonly cores: number;
  /** The processor's name; "unknown" where the system does not tell. */
  readonly processor: string;
  /** Memory in GiB. */
  readonly memory: number;
  /** Operating system and its version. */
  readonly system: string;
  readonly deno: string;
  readonly wrk: string;
}

/** Looks at the machine. */
export async function thisMachine(): Promise<Machine> {
  return {
    cores: navigator.hardwareConcurrency,
    processor: processorName(),
    memory: Math.round(Deno.systemMemoryInfo().total / 1024 ** 3),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    wrk: await wrkVersion(),
  };
}

/** One line of it. */
export function machineText(machine: Machine): string {
  const { cores, processor, memory, system, deno, wrk } = machine;
  return `${cores} cores (${processor}), ${memory} GiB, ${system}; ` +
    `Deno ${deno}, wrk ${wrk}`;
}

function processorName(): string {
  try {
    const text = Deno.readTextFileSync("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}

async function wrkVersion(): Promise<string> {
  if (findProgram("wrk") === undefined) return "missing";
  const text = (await run(["wrk", "-v"]))?.text ?? "";
  return /wrk (\S+)/.exec(text)?.[1] ?? "unknown";
}
