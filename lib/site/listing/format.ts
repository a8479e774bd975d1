/**
 * Formats sizes for people. Pure.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";

/** Formats bytes as "1.21 KiB". The library writes "kiB"; IEC 80000-13 has a capital K. */
export function humanSize(bytes: number): string {
  return formatBytes(bytes, { binary: true }).replace("ki", "Ki");
}
