/**
 * Salted hashes of passwords: scrypt (RFC 7914), written as in
 * "$scrypt$ln=15,r=8,p=1$SALT$HASH", with salt and hash in base64 without padding.
 *
 * @module
 */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { printable } from "../http/printable.ts";

/** Longest password, in bytes of UTF-8: what fits a field of Basic authentication together with a name. */
export const PASSWORD_BYTES_MAX = 512;

/** Longest name, in characters. */
export const NAME_MAX = 128;

/** A password that cannot be hashed, or a name that cannot stand in an auth file. Its message is for the person who gave it, and does not repeat it. */
export class PasswordError extends Error {
  /** Its name. */
  override name = "PasswordError";
}

/** A hash, taken apart. */
export interface PasswordHash {
  /** How many blocks the hash works on, as a power of two (N = 2^ln). */
  readonly ln: number;
  /** Size of a block, in 128 bytes. */
  readonly r: number;
  /** How many times it is done. */
  readonly p: number;
  /** What makes equal passwords' hashes different. */
  readonly salt: Uint8Array;
  /** What scrypt makes of the password. */
  readonly key: Uint8Array;
}

/** What new hashes cost: 32 MiB, and about a tenth of a second. */
const COST = { ln: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * The most that a hash may cost, as N · r · p: 128 MiB of memory, or as much time with less memory. All
 * that are recommended (OWASP, Password Storage Cheat Sheet) are within it, and no file can ask for more.
 */
const WORK_MAX = 2 ** 20;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

/** Whether a text has characters in it that neither a name nor a password may have (RFC 7617 §2). */
export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}

/** Whether a text can be a name in an auth file. */
export function isName(text: string): boolean {
  return text !== "" && text.length <= NAME_MAX && !hasControls(text) &&
    !text.includes(":") && !text.startsWith("#") && text === text.trim();
}

/** Hashes a password with a new salt. Throws a {@linkcode PasswordError} for one that no client could send. */
export async function hashPassword(password: string): Promise<string> {
  if (password === "") throw new PasswordError("Cannot hash an empty password");
  if (hasControls(password)) {
    throw new PasswordError(
      "Cannot hash a password with control characters in it: give one line of text",
    );
  }
  if (utf8(password).length > PASSWORD_BYTES_MAX) {
    throw new PasswordError(
      `Cannot hash a password of more than ${PASSWORD_BYTES_MAX} bytes`,
    );
  }
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...COST, salt }, KEY_BYTES);
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;
}

/** Whether a password is the one that a hash was made of. False for what is no hash. Takes as long for a wrong one as for the right one. */
export async function verifyPassword(
  password: string,
  hash: string,
): Promise<boolean> {
  const parsed = parseHash(hash);
  return parsed !== undefined && await matchesHash(password, parsed);
}

/** Whether a password is the one that a hash was made of. */
export async function matchesHash(
  password: string,
  hash: PasswordHash,
): Promise<boolean> {
  const key = await derive(password, hash, hash.key.length);
  return timingSafeEqual(key, hash.key);
}

/** A hash that no password is known for, and that is checked as long as another one. */
export function dummyHash(like: PasswordHash | undefined): PasswordHash {
  const { ln, r, p } = like ?? COST;
  const length = like?.key.length ?? KEY_BYTES;
  return { ln, r, p, salt: randomBytes(SALT_BYTES), key: randomBytes(length) };
}

const HASH =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Takes a hash apart; undefined for what is none, and for one that would cost too much or nothing. */
export function parseHash(text: string): PasswordHash | undefined {
  const match = HASH.exec(text);
  if (match === null) return undefined;
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  if (ln < 10 || ln > 17 || r < 1 || p < 1) return undefined;
  if (2 ** ln * r * p > WORK_MAX) return undefined;
  const salt = bytesOf(match[4]!);
  const key = bytesOf(match[5]!);
  if (salt === undefined || key === undefined) return undefined;
  return { ln, r, p, salt, key };
}

/**
 * What `hash-password` prints: the hash of a password, or with a name the line of an auth file. Judges the name before it
 * reads the password: one line in UTF-8, with or without its end. Throws a {@linkcode PasswordError}.
 */
export async function hashPasswordCommand(
  readPassword: () => Promise<Uint8Array>,
  name?: string,
): Promise<string> {
  if (name !== undefined && !isName(name)) {
    throw new PasswordError(
      `Cannot use "${
        printable(name)
      }" as a name: give 1 to ${NAME_MAX} characters without a colon, no "#" in front and no space around`,
    );
  }
  const hash = await hashPassword(
    textOf(await readPassword()).replace(/\r?\n$/, ""),
  );
  return name === undefined ? `${hash}\n` : `${name}:${hash}\n`;
}

/** What browsers send is UTF-8 too (RFC 7617 §2.1); read otherwise, it would be another password. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    throw new PasswordError("Cannot use the password: it is not UTF-8");
  }
}

function derive(
  password: string,
  { ln, r, p, salt }: Omit<PasswordHash, "key">,
  length: number,
): Promise<Uint8Array> {
  const N = 2 ** ln;
  // What it needs by RFC 7914 §2, and some room for how it is done.
  const maxmem = 128 * r * (N + p) + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(
      utf8(password),
      salt,
      length,
      { N, r, p, maxmem },
      (error, key) => error ? reject(error) : resolve(key),
    );
  });
}

const ENCODER = new TextEncoder();

/** The bytes of a password. The same text comes in several forms from different keyboards (RFC 8265 §4.2.1). */
function utf8(password: string): Uint8Array {
  return ENCODER.encode(password.normalize("NFC"));
}

function base64(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "loose" });
  } catch {
    return undefined;
  }
}
