import { assertEquals } from "@std/assert";
import decodeQR from "qr/decode.js";
import { qrText } from "../../lib/cli/qr_code.ts";
import type { Screen } from "../../lib/cli/start_screen.ts";

const URL = "http://192.168.1.7:8000/";
const SCREEN: Screen = {
  columns: 60,
  isColored: true,
  isUnicode: true,
  hasLinks: false,
};

/** How many pixels of a picture a module takes in each direction. */
const SCALE = 4;

/** What a camera sees of a text: the rows of modules, true where they are dark. */
function modulesOf(text: string, isUnicode: boolean): boolean[][] {
  const drawn = text
    // Blocks of background colours, as characters.
    .replaceAll("\x1b[48;5;231m  ", "##").replaceAll("\x1b[48;5;16m  ", "  ")
    // deno-lint-ignore no-control-regex
    .replaceAll(/\x1b\[[\d;]+m/g, "");
  return drawn.slice(0, -1).split("\n").flatMap((line) => {
    const row = (light: string, step: number) =>
      Array.from(
        { length: line.length / step },
        (_, x) => !light.includes(line[step * x]!),
      );
    return isUnicode ? [row("█▀", 1), row("█▄", 1)] : [row("#", 2)];
  });
}

function decode(rows: readonly boolean[][]): string {
  const size = rows[0]!.length;
  const side = size * SCALE;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isDark = rows[Math.floor(y / SCALE)]![Math.floor(x / SCALE)]!;
      if (isDark) data.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3);
    }
  }
  return decodeQR({ width: side, height: side, data });
}

for (const isUnicode of [true, false]) {
  for (const isColored of [true, false]) {
    const name = [
      isUnicode ? "in half blocks" : "in ASCII",
      isColored ? "with colours" : "without colours",
    ].join(", ");
    Deno.test(`qrText() can be read ${name}`, () => {
      const columns = isUnicode ? 40 : 80;
      const text = qrText(URL, { ...SCREEN, isUnicode, isColored, columns })!;
      const rows = modulesOf(text, isUnicode);
      assertEquals(decode(rows.slice(0, rows[0]!.length)), URL);
      assertEquals(text.includes("\x1b["), isColored);
    });
  }
}

Deno.test("qrText() draws nothing that the terminal would wrap", () => {
  assertEquals(qrText(URL, { ...SCREEN, columns: 30 }), undefined);
});
