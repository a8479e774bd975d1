/**
 * Asks for a password at a terminal, without showing it.
 *
 * @module
 */

import { InterruptedError, PasswordError } from "../access/password.ts";
import { printable } from "../http/printable.ts";

/** A terminal to type at. */
export interface Terminal {
  /** Turns echo, line editing and signal keys off, or on again. */
  setRaw(isRaw: boolean): void;
  /** Reads typed bytes and returns how many; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Shows a text. */
  show(text: string): void;
}

/** Reads a password from the terminal, prompting with `show`; or all of standard input if that is no terminal. */
export function readPassword(
  show: (text: string) => void,
  name?: string,
): Promise<Uint8Array> {
  const { stdin } = Deno;
  if (!stdin.isTerminal()) return new Response(stdin.readable).bytes();
  return askForPassword({
    setRaw: (isRaw) => stdin.setRaw(isRaw),
    read: (buffer) => stdin.read(buffer),
    show,
  }, name);
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const CTRL_U = 0x15;
const DELETE = 0x7f;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Asks for a password twice. Returns its bytes without the line end. Throws a PasswordError if the two differ, and an
 * InterruptedError if Ctrl-C was typed. Restores the terminal in any case.
 */
export async function askForPassword(
  terminal: Terminal,
  name?: string,
): Promise<Uint8Array> {
  const whose = name === undefined ? "" : ` of ${printable(name)}`;
  const typed = typedLines(terminal);
  terminal.setRaw(true);
  try {
    const password = await askOnce(`Password${whose}: `);
    const again = await askOnce("Repeat it: ");
    if (password.join() !== again.join()) {
      throw new PasswordError(
        "Cannot hash the password: the two entries differ",
      );
    }
    return Uint8Array.from(password);
  } finally {
    terminal.setRaw(false);
  }

  async function askOnce(question: string): Promise<readonly number[]> {
    terminal.show(question);
    try {
      return (await typed.next()).value ?? [];
    } finally {
      terminal.show("\n");
    }
  }
}

/** Yields the typed lines as bytes, until the end of input. */
async function* typedLines(
  terminal: Terminal,
): AsyncGenerator<readonly number[], undefined> {
  const buffer = new Uint8Array(1024);
  let line: number[] = [];
  let last = 0;
  for (;;) {
    const count = await terminal.read(buffer);
    if (count === null) return undefined;
    for (const byte of buffer.subarray(0, count)) {
      // A pasted line may end with both CR and LF.
      const isEnd = byte === CR || byte === CTRL_D ||
        byte === LF && last !== CR;
      if (byte === CTRL_C) throw new InterruptedError("Interrupted");
      else if (isEnd) {
        yield line;
        line = [];
      } else if (byte === CTRL_U) line = [];
      else if (byte === BACKSPACE || byte === DELETE) takeBack(line);
      else if (byte !== LF) line.push(byte);
      last = byte;
    }
  }
}

/** Removes the last character: in UTF-8, all bytes down to one that begins a character. */
function takeBack(line: number[]): void {
  for (let byte = line.pop(); byte !== undefined; byte = line.pop()) {
    if (byte >> 6 !== 0b10) return;
  }
}
