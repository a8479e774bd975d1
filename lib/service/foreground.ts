/**
 * Whether this process is in the foreground of its terminal. One in the
 * background is stopped by the system when it reads keys or changes the mode of
 * the terminal (SIGTTIN and SIGTTOU, POSIX.1-2017 §11.1.4).
 *
 * @module
 */

import { isGranted } from "./startup.ts";

/** Compares the process groups in a line of /proc/PID/stat: our own, and the one in the foreground; undefined if it is malformed. */
export function foregroundOfStat(stat: string): boolean | undefined {
  // The name of the program is in parentheses and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 1).trim().split(" ");
  return sameGroup(fields[2], fields[5]);
}

/** The arguments of `ps` for the line that {@linkcode foregroundOfPs} reads. */
export function psArguments(pid: number): string[] {
  return ["-o", "pgid=,tpgid=", "-p", `${pid}`];
}

/** The same as {@linkcode foregroundOfStat}, for a line of `ps`. */
export function foregroundOfPs(line: string): boolean | undefined {
  const [own, foreground] = line.trim().split(/\s+/);
  return sameGroup(own, foreground);
}

function sameGroup(
  own: string | undefined,
  foreground: string | undefined,
): boolean | undefined {
  if (!/^\d+$/.test(own ?? "") || !/^-?\d+$/.test(foreground ?? "")) {
    return undefined;
  }
  return own === foreground;
}

/** Whether this process is in the foreground; undefined if permissions do not let skiff know. */
export function isForeground(): boolean | undefined {
  if (Deno.build.os === "windows") return true;
  try {
    return foregroundOfStat(Deno.readTextFileSync("/proc/self/stat"));
  } catch {
    // Only Linux has it, and only with every permission.
  }
  if (!isGranted({ name: "run", command: "ps" })) return undefined;
  try {
    const { stdout } = new Deno.Command("ps", {
      args: psArguments(Deno.pid),
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return foregroundOfPs(new TextDecoder().decode(stdout));
  } catch {
    return undefined;
  }
}
