/**
 * A URL as a QR code for a terminal.
 *
 * @module
 */

import encodeQR from "qr";
import type { Screen } from "./start_screen.ts";

/** The margin that readers expect around the code, in modules (ISO/IEC 18004 §6.3.8). */
const MARGIN = 4;

/** White on black, whatever the colours of the terminal are: numbers of the fixed part of its palette. */
const WHITE = 231;
const BLACK = 16;
const RESET = "\x1b[0m";

/**
 * The lines of a QR code, two rows of modules in each. Characters draw what is light: the margin then is there even
 * where spaces at the end of a line are lost. White on black where the terminal has colours; without, it is right on a
 * dark terminal. undefined if the terminal is too narrow.
 */
export function qrText(
  url: string,
  { columns, isColored, isUnicode }: Screen,
): string | undefined {
  const rows = encodeQR(url, "raw", { ecc: "low", border: MARGIN });
  const width = rows.length * (isUnicode ? 1 : 2);
  if (width > columns) return undefined;
  // Below the last row the margin goes on.
  const isLight = (y: number, x: number) => rows[y]?.[x] !== true;
  const halves = (y: number) =>
    rows.map((_, x) =>
      isLight(y, x)
        ? (isLight(y + 1, x) ? "█" : "▀")
        : isLight(y + 1, x)
        ? "▄"
        : " "
    ).join("");
  const blocks = (y: number) =>
    rows.map((_, x) =>
      isColored
        ? `\x1b[48;5;${isLight(y, x) ? WHITE : BLACK}m  `
        : isLight(y, x)
        ? "##"
        : "  "
    ).join("");
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += isUnicode ? 2 : 1) {
    const line = isUnicode ? halves(y) : blocks(y);
    const style = isUnicode ? `\x1b[38;5;${WHITE};48;5;${BLACK}m` : "";
    lines.push(isColored ? style + line + RESET : line);
  }
  return `${lines.join("\n")}\n`;
}
