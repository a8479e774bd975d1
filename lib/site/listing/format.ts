/**
 * Formats amounts for people. Pure.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";

let counts: Intl.NumberFormat | undefined;

/** Formats a number as "1,234". */
export function formatCount(count: number): string {
  return (counts ??= new Intl.NumberFormat("en")).format(count);
}

/** Formats a count with its noun: "1 file", "1,234 files". */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats bytes as "1.21 KiB". The library writes "kiB"; IEC 80000-13 has a capital K. */
export function humanSize(bytes: number): string {
  return formatBytes(bytes, { binary: true }).replace("ki", "Ki");
}
