/**
 * Amounts as people read them. Pure.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";

let counts: Intl.NumberFormat | undefined;

/** A number with its thousands apart: "1,234". */
export function formatCount(count: number): string {
  return (counts ??= new Intl.NumberFormat("en")).format(count);
}

/** "1 file", "12 files", "1,234 files". */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "1.21 KiB". The library writes "kiB"; IEC 80000-13 has a capital K. */
export function humanSize(bytes: number): string {
  return formatBytes(bytes, { binary: true }).replace("ki", "Ki");
}
