/**
 * Formats sizes for people. Pure.
 *
 * @module
 */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Formats bytes as "1.21 KiB", with the units of IEC 80000-13 and three digits that count. */
export function humanSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024));
  const index = Math.min(power, BYTE_UNITS.length - 1);
  const amount = Number((bytes / 1024 ** index).toPrecision(3));
  return `${amount} ${BYTE_UNITS[index]}`;
}
