/**
 * A URL as a QR code for a terminal.
 *
 * @module
 */

import encodeQR from "qr";
import type { Screen } from "./start_screen.ts";

/** The margin that readers expect around the code, in modules (ISO/IEC 18004 §6.3.8). */
const MARGIN = 4;

/** Black on white, whatever the colours of the terminal are: numbers of the fixed part of its palette. */
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";

/**
 * The lines of a QR code, two rows of modules in each. Black on white where the terminal has colours; without, it is
 * right on a dark terminal. undefined if the terminal is too narrow.
 */
export function qrText(
  url: string,
  { columns, isColored, isUnicode }: Screen,
): string | undefined {
  const rows = encodeQR(url, "raw", { ecc: "low", border: MARGIN });
  const width = rows.length * (isUnicode ? 1 : 2);
  if (width > columns) return undefined;
  // Characters draw what is dark on a white background, and what is light on the dark one of a terminal.
  const isDrawn = (y: number, x: number) =>
    (rows[y]?.[x] ?? false) === isColored;
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += isUnicode ? 2 : 1) {
    const line = rows.map((_, x) => {
      if (!isUnicode) return isDrawn(y, x) ? "##" : "  ";
      const [top, bottom] = [isDrawn(y, x), isDrawn(y + 1, x)];
      return top ? (bottom ? "█" : "▀") : bottom ? "▄" : " ";
    }).join("");
    lines.push(isColored ? `${BLACK_ON_WHITE}${line}\x1b[0m` : line);
  }
  return `${lines.join("\n")}\n`;
}
