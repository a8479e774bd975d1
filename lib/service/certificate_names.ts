/**
 * The names that a certificate is for, read from its bytes because not
 * every supported Deno version tells them.
 *
 * @module
 */

import { ipv6Text, wordsOf } from "../http/host.ts";

/** Tags of DER (X.690), and of the general names that matter here (RFC 5280 §4.2.1.6). */
const OCTETS = 0x04;
const SEQUENCE = 0x30;
const BOOLEAN = 0x01;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** The object identifier of subjectAltName, 2.5.29.17, in DER. */
const SUBJECT_ALT_NAME: readonly number[] = [0x06, 0x03, 0x55, 0x1d, 0x11];

/** A host name, perhaps with a wildcard as its first label (RFC 9525 §6.3). */
const NAME = /^(?:\*\.)?[\w-]{1,63}(?:\.[\w-]{1,63})*$/;

const FIRST =
  /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/;

/**
 * Returns the host names and addresses in the subjectAltName of the first certificate of a PEM chain, in lower case,
 * wildcards included. A certificate without that extension has no names (RFC 9525 §6.4.4). Never throws.
 */
export function certificateNames(pem: string): string[] {
  let der: Uint8Array;
  try {
    der = Uint8Array.fromBase64(FIRST.exec(pem)?.[1] ?? "");
  } catch {
    return [];
  }
  const at = der.findIndex((_, start) =>
    SUBJECT_ALT_NAME.every((byte, i) => der[start + i] === byte)
  );
  if (at === -1) return [];
  let value = elementAt(der, at + SUBJECT_ALT_NAME.length);
  if (value?.tag === BOOLEAN) value = elementAt(der, value.end);
  if (value?.tag !== OCTETS) return [];
  const list = elementAt(der, value.start);
  if (list?.tag !== SEQUENCE || list.end > value.end) return [];
  return [...namesBetween(der, list.start, list.end)];
}

function* namesBetween(
  der: Uint8Array,
  start: number,
  end: number,
): Generator<string> {
  for (let at = start; at < end;) {
    const element = elementAt(der, at);
    if (element === undefined || element.end > end) return;
    const content = der.subarray(element.start, element.end);
    const name = element.tag === IP_ADDRESS
      ? addressOf(content)
      : element.tag === DNS_NAME
      ? dnsName(content)
      : undefined;
    if (name !== undefined) yield name;
    at = element.end;
  }
}

function dnsName(bytes: Uint8Array): string | undefined {
  const name = String.fromCharCode(...bytes).toLowerCase();
  return NAME.test(name) ? name : undefined;
}

function addressOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  return bytes.length === 16 ? ipv6Text(wordsOf(bytes)) : undefined;
}

/** Parses the element at an index: its tag, and where its content is. */
function elementAt(
  der: Uint8Array,
  at: number,
): { tag: number; start: number; end: number } | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  let start = at + 2;
  let length = first;
  if (first > 0x7f) {
    // No certificate has more than 65,535 bytes here.
    const count = first - 0x80;
    if (count < 1 || count > 2) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) {
      length = length << 8 | (der[start + i] ?? 0);
    }
    start += count;
  }
  const end = start + length;
  return end > der.length ? undefined : { tag, start, end };
}
