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
  readonly h2load: string;
}

/** Looks at the machine. */
export async function thisMachine(): Promise<Machine> {
  return {
    cores: navigator.hardwareConcurrency,
    processor: processorName(),
    memory: Math.round(Deno.systemMemoryInfo().total / 1024 ** 3),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    wrk: await versionOf(["wrk", "-v"], /wrk (\S+)/),
    h2load: await versionOf(["h2load", "--version"], /nghttp2\/(\S+)/),
  };
}

/** One line of it. */
export function machineText(machine: Machine): string {
  const { cores, processor, memory, system, deno, wrk, h2load } = machine;
  return `${cores} cores (${processor}), ${memory} GiB, ${system}; ` +
    `Deno ${deno}, wrk ${wrk}, h2load ${h2load}`;
}

function processorName(): string {
  try {
    const text = Deno.readTextFileSync("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}

async function versionOf(
  command: readonly [string, ...string[]],
  pattern: RegExp,
): Promise<string> {
  if (findProgram(command[0]) === undefined) return "missing";
  const text = (await run([...command]))?.text ?? "";
  return pattern.exec(text)?.[1] ?? "unknown";
}
