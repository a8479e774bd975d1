/**
 * Certificate and key: reads and checks them.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import type { Options } from "../cli/options.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { StartError, textAt } from "./startup.ts";
import { errorMessage } from "../observe/error_text.ts";

/** The options that name the files of a key pair. */
export type TlsOptions = Pick<Options, "tlsCert" | "tlsKey">;

/** Shortest RSA key that the runtime accepts, in bits. */
const RSA_BITS_MIN = 2048;

/** Most certificates in a chain. Real chains have two to four, GnuTLS rejects more than 16, and all must fit a handshake. */
const CHAIN_CERTIFICATES_MAX = 10;

/** Elliptic curves that the runtime accepts, by the names that its versions give them. */
const CURVES: ReadonlySet<unknown> = new Set(
  ["prime256v1", "p256", "secp384r1", "p384", "secp521r1", "p521"],
);

/** Whether two pairs are the same, by their text. */
export function isSameKeyPair(a: KeyPair, b: KeyPair | undefined): boolean {
  return a.cert === b?.cert && a.key === b.key;
}

/** The files of the key pair that options name: two, or none without TLS. */
export function keyPairPaths({ tlsCert, tlsKey }: TlsOptions): string[] {
  return [tlsCert, tlsKey].filter((path) => path !== undefined);
}

/**
 * Reads the key pair that options name, if any, with a warning if its certificate has expired. Throws a StartError if
 * a file cannot be read or is invalid, if key and certificate do not belong together, or if TLS cannot use them.
 */
export function readKeyPair(
  options: TlsOptions,
): { keyPair: KeyPair | undefined; warnings: string[] } {
  const { tlsCert, tlsKey } = options;
  if (tlsCert === undefined || tlsKey === undefined) {
    return { keyPair: undefined, warnings: [] };
  }
  const cert = textAt(tlsCert, "--tls-cert");
  const key = textAt(tlsKey, "--tls-key");
  const { validTo } = checkKeyPair(cert, key, tlsCert, tlsKey);
  const warnings = Date.parse(validTo) < Date.now()
    ? [`The certificate "${tlsCert}" expired on ${validTo}`]
    : [];
  return { keyPair: { cert, key }, warnings };
}

/** Throws a StartError for a pair that cannot be used. Returns its certificate. */
function checkKeyPair(
  cert: string,
  key: string,
  certPath: string,
  keyPath: string,
): X509Certificate {
  const certificate = parsed(
    () => new X509Certificate(cert),
    `Cannot use "${certPath}" as a certificate: expected a chain in PEM`,
  );
  const chain = parsed(
    () => parseChain(cert),
    `Cannot use "${certPath}" as a certificate: expected a chain in PEM that is whole`,
  );
  const privateKey = parsed(
    () => createPrivateKey(key),
    `Cannot use "${keyPath}" as a private key: expected one in PEM, without a password`,
  );
  if (!belongsTo(privateKey, certificate)) {
    const isLater = chain.some((each) => belongsTo(privateKey, each));
    throw new StartError(
      `Cannot use "${keyPath}" as the key of "${certPath}": ${
        isLater
          ? "its certificate must be the first one of the chain"
          : "it belongs to another certificate"
      }`,
    );
  }
  demandOrder(chain, certPath);
  if (!isKeyUsable(privateKey)) {
    throw new StartError(
      `Cannot use "${keyPath}" for TLS: the key must be ECDSA (P-256, P-384 or P-521), Ed25519, or RSA of ${RSA_BITS_MIN} bits or more`,
    );
  }
  demandUsable(cert, key, certPath);
  return certificate;
}

const BEGIN = "-----BEGIN CERTIFICATE-----";
const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Parses all certificates of a chain, as clients do; the runtime parses only the first. Throws if one is invalid. */
function parseChain(pem: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length !== pem.split(BEGIN).length - 1) throw new Error("cut");
  // One more than allowed is enough to reject them.
  return blocks.slice(0, CHAIN_CERTIFICATES_MAX + 1)
    .map((block) => new X509Certificate(block));
}

/**
 * Throws a StartError for a chain that clients reject: one that is too long, or has a certificate that has issued none
 * of those before it (RFC 5246 §7.4.2; RFC 8446 §4.4.2 allows it, but not every client accepts it). An issuer may have
 * several certificates in a row, for example while it moves to another root.
 */
function demandOrder(chain: readonly X509Certificate[], path: string): void {
  if (chain.length > CHAIN_CERTIFICATES_MAX) {
    throw new StartError(
      `Cannot use "${path}" for TLS: clients reject a chain of more than ${CHAIN_CERTIFICATES_MAX} certificates`,
    );
  }
  chain.forEach(({ subject }, index) => {
    const before = chain.slice(0, index);
    if (index === 0 || before.some(({ issuer }) => issuer === subject)) return;
    throw new StartError(
      `Cannot use "${path}" for TLS: certificate ${
        index + 1
      } has issued none before it; give the server's own first, then its issuer, and so on`,
    );
  });
}

/** Whether a key belongs to a certificate. Assumes so if the runtime does not know the kind of key. */
function belongsTo(key: KeyObject, certificate: X509Certificate): boolean {
  let expected: KeyObject;
  try {
    expected = certificate.publicKey;
  } catch {
    return true;
  }
  return publicPart(expected) === publicPart(createPublicKey(key));
}

function isKeyUsable(key: KeyObject): boolean {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "ec":
      return CURVES.has(namedCurve);
    case "rsa":
      return modulusLength! >= RSA_BITS_MIN;
    default:
      return key.asymmetricKeyType === "ed25519";
  }
}

/** Throws a StartError for a pair that a listener would reject. Tries it on a client, which needs no permission. */
function demandUsable(cert: string, key: string, certPath: string): void {
  try {
    Deno.createHttpClient({ cert, key }).close();
  } catch (error) {
    const reason = errorMessage(error);
    throw new StartError(
      `Cannot use "${certPath}" and its key for TLS: ${reason}`,
    );
  }
}

/** The public key in a key, as text. */
export function publicPart(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }) as string;
}

function parsed<T>(parse: () => T, message: string): T {
  try {
    return parse();
  } catch {
    throw new StartError(message);
  }
}
