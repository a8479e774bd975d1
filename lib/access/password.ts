/**
 * Salted password hashes: scrypt (RFC 7914), in the form
 * "$scrypt$ln=15,r=8,p=1$SALT$HASH", with salt and hash in base64 without padding.
 *
 * @module
 */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { printable } from "../http/printable.ts";

/** Longest password, in bytes of UTF-8: fits into a Basic Authorization field together with a name. */
export const PASSWORD_BYTES_MAX = 512;

/** Longest name, in characters. */
export const NAME_MAX = 128;

/** A password or name that an auth file cannot contain. The message is for the operator and does not repeat it. */
export class PasswordError extends Error {
  override name = "PasswordError";
}

/** Thrown when the operator gives up with Ctrl-C instead of typing a password. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
}

/** A parsed hash. */
export interface PasswordHash {
  /** The number of blocks, as a power of two (N = 2^ln). */
  readonly ln: number;
  /** The size of a block, in units of 128 bytes. */
  readonly r: number;
  /** The parallelization parameter. */
  readonly p: number;
  /** The salt, which makes hashes of equal passwords differ. */
  readonly salt: Uint8Array;
  /** The derived key. */
  readonly key: Uint8Array;
}

/** The cost of new hashes: 32 MiB and about a tenth of a second. */
const COST = { ln: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * The highest cost of a hash, as N · r · p: 128 MiB of memory, or as much time with less memory. It covers all
 * recommendations (OWASP, Password Storage Cheat Sheet); hashes in an auth file must not exceed it.
 */
const WORK_MAX = 2 ** 20;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

/** Whether a text contains control characters, which names and passwords must not contain (RFC 7617 §2). */
export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}

/** Whether a text can be a name in an auth file. */
export function isName(text: string): boolean {
  return text !== "" && text.length <= NAME_MAX && !hasControls(text) &&
    !text.includes(":") && !text.startsWith("#") && text === text.trim();
}

/** Hashes a password with a new salt. Throws a {@linkcode PasswordError} for a password that no client could send. */
export async function hashPassword(password: string): Promise<string> {
  if (password === "") throw new PasswordError("Cannot hash an empty password");
  if (hasControls(password)) {
    throw new PasswordError(
      "Cannot hash a password with control characters in it: expected one line of text",
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

/** Whether a hash was made from a password. */
export async function matchesHash(
  password: string,
  hash: PasswordHash,
): Promise<boolean> {
  const key = await derive(password, hash, hash.key.length);
  return timingSafeEqual(key, hash.key);
}

/** A hash without a known password, which takes as long to check as another one. */
export function dummyHash(like: PasswordHash): PasswordHash {
  const key = randomBytes(like.key.length);
  return { ...like, salt: randomBytes(SALT_BYTES), key };
}

const HASH =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Parses a hash; undefined if it is malformed or its cost is out of bounds. */
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
 * The output of `hash-password`: the hash of a password, or with a name the line for an auth file. Checks the name before
 * it reads the password, which is one line of UTF-8, with or without its end. Throws a {@linkcode PasswordError}.
 */
export async function hashPasswordCommand(
  readPassword: () => Promise<Uint8Array>,
  name?: string,
): Promise<string> {
  if (name !== undefined && !isName(name)) {
    throw new PasswordError(
      `Cannot use "${
        printable(name)
      }" as a name: expected 1 to ${NAME_MAX} characters without a colon, no "#" in front and no space around`,
    );
  }
  const hash = await hashPassword(
    textOf(await readPassword()).replace(/\r?\n$/, ""),
  );
  return name === undefined ? `${hash}\n` : `${name}:${hash}\n`;
}

/** Browsers send UTF-8 too (RFC 7617 §2.1); any other decoding would yield another password. */
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
  // The need by RFC 7914 §2, and some room for the implementation.
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

/** The normalized bytes of a password: keyboards produce the same text in different forms (RFC 8265 §4.2.1). */
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
