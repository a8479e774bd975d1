/**
 * What the server of the soak holds, and how that is compared over time.
 *
 * @module
 */

/** What a process holds. */
export interface Holdings {
  /** Resident memory. */
  readonly bytes: number;
  readonly descriptors: number;
}

/** Looks at a process of this system, which must be Linux. */
export function holdings(pid: number): Holdings {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]);
  const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  return { bytes: kilobytes * 1024, descriptors };
}

/** The last of the looks, with the least memory of all. */
export function leastOf(looks: readonly Holdings[]): Holdings {
  const bytes = Math.min(...looks.map(({ bytes }) => bytes));
  return { ...looks.at(-1)!, bytes };
}
