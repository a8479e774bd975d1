/**
 * What Linux tells of processes in /proc: memory, processor time, descendants.
 *
 * @module
 */

/** The kernel's unit of time towards programs, on every common architecture. */
const TICKS_PER_SECOND = 100;

/** Memory in RAM of a process and what it has started, in bytes; NaN where there is no /proc. */
export function residentBytes(pid: number): number {
  return sumStatus(pid, "VmRSS");
}

/** The most that {@linkcode residentBytes} was since {@linkcode resetPeak}, each process at its own worst. */
export function peakBytes(pid: number): number {
  return sumStatus(pid, "VmHWM");
}

/** Forgets the peak so far. */
export function resetPeak(pid: number): void {
  for (const { pid: member } of familyOf(pid)) {
    try {
      Deno.writeTextFileSync(`/proc/${member}/clear_refs`, "5");
    } catch {
      // Of another user, or no Linux: the peak then includes the start.
    }
  }
}

/** Processor time of a process and what it has started, in seconds; NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  const family = familyOf(pid);
  for (const { pid: member } of family) {
    const [user, system] = statFields(readProc(`${member}/stat`)).slice(11, 13);
    ticks += Number(user ?? 0) + Number(system ?? 0);
  }
  return family.length === 0 ? NaN : ticks / TICKS_PER_SECOND;
}

function sumStatus(pid: number, name: string): number {
  let total = NaN;
  for (const { pid: member } of familyOf(pid)) {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB`, "m")
      .exec(readProc(`${member}/status`));
    if (line !== null) total = (total || 0) + Number(line[1]) * 1024;
  }
  return total;
}

/** What a core did since the machine has started, in seconds. */
export interface CoreTimes {
  /** Nothing. */
  readonly idle: number;
  /** Work of processes; that of interrupts is not among it. */
  readonly busy: number;
}

/** What a core did; undefined where there is no /proc. */
export function coreTimes(core: number): CoreTimes | undefined {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(readProc("stat"));
  if (line === null) return undefined;
  const [user, nice, system, idle, waiting] = line[1]!.split(" ").map(Number);
  return {
    idle: (idle! + waiting!) / TICKS_PER_SECOND,
    busy: (user! + nice! + system!) / TICKS_PER_SECOND,
  };
}

/** A process, told from a later one with the same id by when it began. */
export interface Member {
  /** Its id. */
  readonly pid: number;
  /** When it began, in the kernel's ticks. */
  readonly began: string;
}

/** A process and all its descendants; empty where there is no /proc. */
export function familyOf(pid: number): Member[] {
  const parents = new Map<number, { parent: number; began: string }>();
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const fields = statFields(readProc(`${name}/stat`));
      const [, parent] = fields;
      if (parent === undefined) continue;
      const began = fields[19] ?? "";
      parents.set(Number(name), { parent: Number(parent), began });
    }
  } catch {
    return [];
  }
  const isInFamily = (id: number): boolean =>
    id === pid || (parents.has(id) && isInFamily(parents.get(id)!.parent));
  return [...parents]
    .filter(([id]) => isInFamily(id))
    .map(([id, { began }]) => ({ pid: id, began }));
}

/** The fields of /proc/PID/stat from the third (state) on: the second may hold spaces. */
function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** A file in /proc; "" when there is none. */
export function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return "";
  }
}

/** Ends these processes at once, where they are still the same. */
export function killAll(family: readonly Member[]): void {
  for (const { pid, began } of family) {
    const fields = statFields(readProc(`${pid}/stat`));
    if (fields[19] === began) signal(pid, "SIGKILL");
  }
}

/** Sends a signal to a process, if it is there. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // It has ended already.
  }
}
