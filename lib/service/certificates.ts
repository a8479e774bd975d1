/**
 * Certificate and key: read, checked, and read again when their files change.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { StartError, textAt } from "./root.ts";

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The certificate of the server, and those behind it. */
  readonly cert: string;
  /** The private key of the first. */
  readonly key: string;
  /** When the certificate has expired, in words; undefined while it has not. */
  readonly expired: string | undefined;
}

/** How often the files are looked at, in ms. Links are followed, as programs that renew certificates swap them. */
const LOOK_MS = 2000;

/** Reads a pair. Throws a StartError when it cannot be read, is none, or its halves do not belong together. */
export function readKeyPair(certPath: string, keyPath: string): KeyPair {
  const cert = textAt(certPath, "--tls-cert");
  const key = textAt(keyPath, "--tls-key");
  const certificate = parsed(
    () => new X509Certificate(cert),
    `Cannot use "${certPath}" as a certificate: give a chain in PEM`,
  );
  const privateKey = parsed(
    () => createPrivateKey(key),
    `Cannot use "${keyPath}" as a private key: give one in PEM, without a password`,
  );
  if (!belongsTo(privateKey, certificate)) {
    throw new StartError(
      `Cannot use "${keyPath}" as the key of "${certPath}": it is another certificate's`,
    );
  }
  const isExpired = Date.parse(certificate.validTo) < Date.now();
  return { cert, key, expired: isExpired ? certificate.validTo : undefined };
}

/** Whether a key is the certificate's; taken on trust where the runtime does not know the kind of key. */
function belongsTo(key: KeyObject, certificate: X509Certificate): boolean {
  let expected: KeyObject;
  try {
    expected = certificate.publicKey;
  } catch {
    return true;
  }
  return publicPart(expected) === publicPart(createPublicKey(key));
}

function publicPart(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }) as string;
}

function parsed<T>(parse: () => T, message: string): T {
  try {
    return parse();
  } catch {
    throw new StartError(message);
  }
}

/** Looks at the files of a pair now and then. */
export class KeyPairWatch {
  readonly #paths: readonly string[];
  readonly #changed: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #seen: string;

  /** Calls `changed` when either file is another than it was, until {@linkcode KeyPairWatch.close}. */
  constructor(
    paths: readonly string[],
    changed: () => void,
    every: number = LOOK_MS,
  ) {
    this.#paths = paths;
    this.#changed = changed;
    this.#seen = this.#look();
    this.#timer = setInterval(() => this.#compare(), every);
  }

  /** Ends it. */
  close(): void {
    clearInterval(this.#timer);
  }

  #compare(): void {
    const seen = this.#look();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#changed();
  }

  #look(): string {
    return this.#paths.map((path) => {
      try {
        const { dev, ino, size, mtime } = Deno.statSync(path);
        return `${dev} ${ino} ${size} ${mtime?.getTime()}`;
      } catch {
        return "gone";
      }
    }).join();
  }
}
