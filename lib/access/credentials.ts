/**
 * The auth file, `name:hash` in each line, and the check of a name and password
 * against it.
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { HashQueue, type Waiter } from "./hash_queue.ts";
import {
  dummyHash,
  isName,
  matchesHash,
  NAME_MAX,
  parseHash,
  type PasswordHash,
} from "./password.ts";

/** An invalid auth file. The message names the line but quotes nothing from it. */
export class CredentialsError extends Error {
  override name = "CredentialsError";
}

/** Most lines with a name in an auth file. */
export const NAMES_MAX = 10_000;

/** How many successful logins are remembered. */
const PROVED_MAX = 1_000;

/** Prefixes of hashes that other programs make, for a helpful message. */
const OTHER_KINDS: readonly (readonly [beginning: RegExp, kind: string])[] = [
  [/^\$2[abxy]?\$/, "a bcrypt hash"],
  [/^\$apr1\$/, "an Apache MD5 (apr1) hash"],
  [/^\$(?:1|5|6|7|y|gy|md5|sha1)[$,]/, "a crypt hash"],
  [/^\$argon2/, "an Argon2 hash"],
  [/^\$pbkdf2/, "a PBKDF2 hash"],
  [/^\{S?SHA/i, "an SHA hash"],
  [
    /^\$scrypt\$/,
    "a scrypt hash that is not complete, or costs too much or too little",
  ],
  [/^[./0-9A-Za-z]{13}$/, "a crypt hash, or a plain password"],
];

/** The result of a password check; "busy" if too many others were being checked. */
export type PasswordVerdict = "right" | "wrong" | "busy";

/** The entries of an auth file. */
export class Credentials {
  readonly #hashes = new Map<string, PasswordHash>();
  /** Stands in for the hash of an unknown name, so that timing does not reveal which names exist. */
  readonly #dummy: PasswordHash;
  readonly #key = randomBytes(32);
  /** The digest of each name's last successful login; the oldest first. */
  readonly #proved = new Map<string, Uint8Array>();
  /** Checks in progress, by digest: browsers send many requests at once. */
  readonly #pending = new Map<string, Promise<PasswordVerdict>>();
  readonly #queue = new HashQueue();

  /**
   * Reads an auth file: `name:hash` lines with hashes as `skiff hash-password` makes them, comments
   * that begin with "#", and empty lines. Throws a {@linkcode CredentialsError} for anything else.
   */
  constructor(text: string) {
    text.replace(/^\uFEFF/, "").split("\n").forEach((line, index) => {
      this.#add(line.trim(), index + 1);
    });
    const [first] = this.#hashes.values();
    if (first === undefined) {
      throw new CredentialsError(
        "Cannot use the auth file: it has no line with a name and a hash",
      );
    }
    this.#dummy = dummyHash(first);
  }

  #add(line: string, number: number): void {
    if (line === "" || line.startsWith("#")) return;
    const fail = (cause: string): never => {
      throw new CredentialsError(
        `Cannot use line ${number} of the auth file: ${cause}`,
      );
    };
    const colon = line.indexOf(":");
    if (colon === -1) fail("it is not name:hash");
    const name = line.slice(0, colon).normalize("NFC");
    if (!isName(name)) {
      fail(
        `the name is not 1 to ${NAME_MAX} characters, or has a space at its end`,
      );
    }
    if (this.#hashes.has(name)) fail("the name occurs twice");
    if (this.#hashes.size === NAMES_MAX) {
      fail(`there are more than ${NAMES_MAX} names`);
    }
    const written = line.slice(colon + 1);
    const hash = parseHash(written);
    this.#hashes.set(name, hash ?? fail(kindOf(written)));
  }

  /** The result, as far as it is known without hashing: true for a remembered login, a promise for one being checked. */
  recall(
    name: string,
    password: string,
  ): true | Promise<PasswordVerdict> | undefined {
    const digest = this.#digest(name, password);
    // Compare even without a remembered proof, so that timing does not reveal which names logged in.
    const proved = this.#proved.get(name.normalize("NFC")) ?? this.#key;
    if (timingSafeEqual(digest, proved)) return true;
    return this.#pending.get(digest.toBase64());
  }

  /**
   * Hashes the password and compares. It queues behind every login whose turn is earlier than
   * `turn`, and yields its place to them: see {@linkcode HashQueue}.
   */
  verify(
    name: string,
    password: string,
    { network, turn }: Omit<Waiter, "name">,
  ): Promise<PasswordVerdict> {
    const digest = this.#digest(name, password);
    const id = digest.toBase64();
    const waiter = { network, turn, name: name.normalize("NFC") };
    const verdict = this.#verify(waiter, password, digest)
      .finally(() => this.#pending.delete(id));
    this.#pending.set(id, verdict);
    return verdict;
  }

  async #verify(
    waiter: Waiter,
    password: string,
    digest: Uint8Array,
  ): Promise<PasswordVerdict> {
    const hash = this.#hashes.get(waiter.name);
    if (!await this.#queue.enter(waiter)) return "busy";
    try {
      const matches = await matchesHash(password, hash ?? this.#dummy);
      if (!matches || hash === undefined) return "wrong";
    } finally {
      this.#queue.leave();
    }
    this.#remember(waiter.name, digest);
    return "right";
  }

  #remember(name: string, digest: Uint8Array): void {
    if (this.#proved.size >= PROVED_MAX) {
      this.#proved.delete(this.#proved.keys().next().value!);
    }
    this.#proved.set(name, digest);
  }

  /** The digest remembered in place of a name and password. Useless without the key. */
  #digest(name: string, password: string): Uint8Array {
    return createHmac("sha256", this.#key)
      .update(`${name}:${password}`.normalize("NFC"))
      .digest();
  }
}

function kindOf(written: string): string {
  const known = OTHER_KINDS.find(([beginning]) => beginning.test(written));
  const kind = known?.[1] ?? "a plain password";
  return `it has ${kind}, not a hash that skiff makes; make one with skiff hash-password`;
}
