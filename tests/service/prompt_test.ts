import { assertEquals, assertRejects } from "@std/assert";
import { InterruptedError, PasswordError } from "../../lib/access/password.ts";
import { askForPassword, type Terminal } from "../../lib/service/prompt.ts";

/** A terminal at which some pieces are typed, one a read. */
class Typing implements Terminal {
  shown = "";
  readonly raw: boolean[] = [];
  readonly #pieces: string[];

  constructor(...pieces: string[]) {
    this.#pieces = pieces;
  }

  setRaw(isRaw: boolean): void {
    this.raw.push(isRaw);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (piece === undefined) return Promise.resolve(null);
    return Promise.resolve(new TextEncoder().encodeInto(piece, buffer).written);
  }

  show(text: string): void {
    this.shown += text;
  }
}

const GOOD: readonly (readonly [
  name: string,
  pieces: readonly string[],
  password: string,
])[] = [
  ["letter by letter", [..."abc\rabc\r"], "abc"],
  ["pasted at once", ["abc\nabc\n"], "abc"],
  ["pasted with CRLF", ["abc\r\nabc\r\n"], "abc"],
  ["with corrections", ["ax\x7fäö\b\x7fbc\r", "abc\r"], "abc"],
  ["after more corrections than letters", ["a\b\b\babc\rabc\r"], "abc"],
  ["after a line was taken back", ["secret\x15abc\rabc\r"], "abc"],
  ["beyond ASCII", ["päß→\rpäß→\r"], "päß→"],
  ["ended by Ctrl-D", ["abc\x04abc\x04"], "abc"],
  ["empty", ["\r\r"], ""],
];

for (const [name, pieces, password] of GOOD) {
  Deno.test(`askForPassword() takes a password ${name}`, async () => {
    const terminal = new Typing(...pieces);
    const bytes = await askForPassword(terminal, "ann");
    assertEquals(new TextDecoder().decode(bytes), password);
    assertEquals(terminal.shown, "Password of ann: \nRepeat it: \n");
    assertEquals(terminal.raw, [true, false]);
  });
}

const BAD: readonly (readonly [
  name: string,
  pieces: readonly string[],
  message: string,
  kind?: typeof InterruptedError,
])[] = [
  ["two different ones", ["abc\rabd\r"], "the two entries differ"],
  ["Ctrl-C", ["ab\x03c\r"], "Interrupted", InterruptedError],
  ["Ctrl-C at the second", ["abc\rab\x03"], "Interrupted", InterruptedError],
  ["an end before the second", ["abc\r"], "the two entries differ"],
];

for (const [name, pieces, message, kind = PasswordError] of BAD) {
  Deno.test(`askForPassword() refuses ${name}, and gives the terminal back`, async () => {
    const terminal = new Typing(...pieces);
    await assertRejects(
      () => askForPassword(terminal),
      kind,
      message,
    );
    assertEquals(terminal.raw, [true, false]);
    assertEquals(terminal.shown.includes("abc"), false);
  });
}
