/**
 * Makes certificates for development (RFC 5280): an authority that can vouch
 * for this machine and private networks only, and what it issues.
 *
 * @module
 */

import { parseIpv4, parseIpv6 } from "../http/host.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import {
  bits,
  context,
  integer,
  objectId,
  octets,
  pem,
  sequence,
  setOf,
  time,
  TRUE,
  utf8String,
} from "./der.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How long a certificate is valid, in ms: 90 days, which every client accepts. */
export const CERTIFICATE_MS: number = 90 * 24 * 3600 * 1000;

/** How long an authority is valid, in ms: ten years, because trusting another one takes a person. */
const AUTHORITY_MS = 10 * 365 * 24 * 3600 * 1000;

/** How far clocks may be apart, in ms. */
const CLOCK_SKEW_MS = 3600 * 1000;

/** Bytes of a serial number: more than enough to be unique (RFC 5280 §4.1.2.2 allows 20). */
const SERIAL_BYTES = 16;

const ECDSA: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const ECDSA_WITH_SHA256 = sequence(objectId("1.2.840.10045.4.3.2"));
const SERVER_AUTH = objectId("1.3.6.1.5.5.7.3.1");

/** How the name of each authority begins. */
const AUTHORITY_NAME = "skiff development authority";

/** The only names that an authority can vouch for: this machine. */
const PERMITTED_NAMES = ["localhost"];

/** The only addresses: this machine, and networks that are not part of the Internet (RFC 1918, RFC 4193, RFC 3927, RFC 4291). */
const PERMITTED_NETWORKS:
  readonly (readonly [address: string, bits: number])[] = [
    ["127.0.0.0", 8],
    ["10.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["169.254.0.0", 16],
    ["::1", 128],
    ["fc00::", 7],
    ["fe80::", 10],
  ];

/** What a certificate says. */
interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  readonly from: number;
  readonly until: number;
  readonly extensions: readonly Bytes[];
}

/** An authority, ready to issue. */
export interface Authority {
  /** Its name, which no other authority has. */
  readonly name: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** A new key, and its private part in PEM. */
async function makeKey(): Promise<{ keys: CryptoKeyPair; key: string }> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, key: pem("PRIVATE KEY", new Uint8Array(pkcs8)) };
}

/** The keys of an authority from its private key in PEM (PKCS #8), and its name. Rejects for any other text. */
export async function importAuthority(
  key: string,
  publicKey: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Authority> {
  const bytes = Uint8Array.fromBase64(key.replaceAll(/-----[^-]+-----/g, ""));
  const [privateKey, imported] = await Promise.all([
    crypto.subtle.importKey("pkcs8", bytes, ECDSA, false, ["sign"]),
    crypto.subtle.importKey("spki", publicKey, ECDSA, true, ["verify"]),
  ]);
  return { name, privateKey, publicKey: imported };
}

/** Whether {@linkcode makeAuthority} gives such names. */
export function isAuthorityName(name: string): boolean {
  return /^[0-9a-f]{8}$/.test(name.slice(AUTHORITY_NAME.length + 1)) &&
    name.startsWith(`${AUTHORITY_NAME} `);
}

/** Makes an authority with an unlike name. `now` is in ms since the epoch. */
export async function makeAuthority(now: number): Promise<KeyPair> {
  const { keys, key } = await makeKey();
  const name = `${AUTHORITY_NAME} ${crypto.randomUUID().slice(0, 8)}`;
  const { publicKey, privateKey } = keys;
  const cert = await sign(privateKey, {
    subject: name,
    issuer: name,
    publicKey,
    from: now - CLOCK_SKEW_MS,
    until: now + AUTHORITY_MS,
    extensions: [
      // It issues no further authorities.
      extension("2.5.29.19", true, sequence(TRUE, integer(Uint8Array.of(0)))),
      // keyCertSign and cRLSign.
      extension("2.5.29.15", true, bits(Uint8Array.of(0b0000_0110), 1)),
      extension("2.5.29.30", true, nameConstraints()),
      extension("2.5.29.14", false, octets(await keyId(publicKey))),
    ],
  });
  return { cert, key };
}

/**
 * Makes a certificate for this machine and some of its addresses; signed by an authority, or by itself without one.
 * `now` is in ms since the epoch.
 */
export async function makeCertificate(
  names: readonly string[],
  now: number,
  authority?: Authority,
): Promise<KeyPair> {
  const { keys, key } = await makeKey();
  const subject = "skiff development";
  const issuer = authority ??
    { name: subject, privateKey: keys.privateKey, publicKey: keys.publicKey };
  const cert = await sign(issuer.privateKey, {
    subject,
    issuer: issuer.name,
    publicKey: keys.publicKey,
    from: now - CLOCK_SKEW_MS,
    until: now + CERTIFICATE_MS,
    extensions: [
      extension("2.5.29.19", true, sequence()),
      // digitalSignature.
      extension("2.5.29.15", true, bits(Uint8Array.of(0b1000_0000), 7)),
      extension("2.5.29.37", false, sequence(SERVER_AUTH)),
      extension("2.5.29.17", false, sequence(...names.map(generalName))),
      extension("2.5.29.14", false, octets(await keyId(keys.publicKey))),
      extension(
        "2.5.29.35",
        false,
        sequence(context(0, false, await keyId(issuer.publicKey))),
      ),
    ],
  });
  return { cert, key };
}

/** Whether an authority may vouch for a name or an address. */
export function isPermitted(name: string): boolean {
  const bytes = addressBytes(name);
  if (bytes === undefined) {
    return PERMITTED_NAMES.some((each) =>
      name === each || name.endsWith(`.${each}`)
    );
  }
  return PERMITTED_NETWORKS.some(([network, length]) => {
    const base = addressBytes(network)!;
    const mask = maskBytes(base.length, length);
    return base.length === bytes.length &&
      bytes.every((byte, at) => (byte & mask[at]!) === base[at]);
  });
}

/** Signs a certificate and returns it in PEM. */
async function sign(key: CryptoKey, contents: Contents): Promise<string> {
  const { subject, issuer, publicKey, from, until, extensions } = contents;
  const spki = await crypto.subtle.exportKey("spki", publicKey);
  const serial = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  // Neither zero nor negative.
  serial[0] = serial[0]! & 0x3f | 0x40;
  const toSign = sequence(
    // Version 3.
    context(0, true, integer(Uint8Array.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(subject),
    new Uint8Array(spki),
    context(3, true, sequence(...extensions)),
  );
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const raw = new Uint8Array(await crypto.subtle.sign(hash, key, toSign));
  const half = raw.length / 2;
  const signature = sequence(
    integer(raw.subarray(0, half)),
    integer(raw.subarray(half)),
  );
  const all = sequence(toSign, ECDSA_WITH_SHA256, bits(signature));
  return pem("CERTIFICATE", all);
}

/** A Name with an organization and a common name. */
function nameOf(commonName: string): Bytes {
  const attribute = (id: string, text: string) =>
    setOf(sequence(objectId(id), utf8String(text)));
  return sequence(
    attribute("2.5.4.10", "skiff"),
    attribute("2.5.4.3", commonName),
  );
}

function extension(id: string, isCritical: boolean, value: Bytes): Bytes {
  return isCritical
    ? sequence(objectId(id), TRUE, octets(value))
    : sequence(objectId(id), octets(value));
}

/** The identifier of a key: 160 bits of its digest (RFC 7093 §2). */
async function keyId(key: CryptoKey): Promise<Bytes> {
  const raw = await crypto.subtle.exportKey("raw", key);
  const digest = await crypto.subtle.digest("SHA-256", raw);
  return new Uint8Array(digest).slice(0, 20);
}

function nameConstraints(): Bytes {
  const subtrees = [
    ...PERMITTED_NAMES.map((name) => sequence(generalName(name))),
    ...PERMITTED_NETWORKS.map(([address, length]) => {
      const base = addressBytes(address)!;
      const mask = maskBytes(base.length, length);
      return sequence(context(7, false, base, mask));
    }),
  ];
  return sequence(context(0, true, ...subtrees));
}

/** A GeneralName: an address, or a host name. */
function generalName(name: string): Bytes {
  const bytes = addressBytes(name);
  return bytes === undefined
    ? context(2, false, new TextEncoder().encode(name))
    : context(7, false, bytes);
}

function addressBytes(address: string): Bytes | undefined {
  const bytes = parseIpv4(address);
  if (bytes !== undefined) return Uint8Array.from(bytes);
  const words = parseIpv6(address);
  if (words === undefined) return undefined;
  return Uint8Array.from([...words].flatMap((word) => [word >> 8, word & 255]));
}

function maskBytes(size: number, length: number): Bytes {
  return Uint8Array.from({ length: size }, (_, at) => {
    const left = Math.min(8, Math.max(0, length - 8 * at));
    return 0xff << (8 - left) & 0xff;
  });
}
