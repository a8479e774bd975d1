/**
 * Parses and formats hosts: IP addresses in their canonical form, and names.
 * Pure.
 *
 * @module
 */

/** A byte without leading zeros. */
const BYTE = /^(?:0|[1-9][0-9]{0,2})$/;

/** The four bytes of an IPv4 address; undefined for any other text. */
export function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  const isSound = parts.length === 4 &&
    parts.every((part) => BYTE.test(part) && Number(part) <= 0xff);
  return isSound ? parts.map(Number) : undefined;
}

const HEX_WORD = /^[0-9a-f]{1,4}$/i;

/**
 * The eight words of an IPv6 address (RFC 4291 §2.2); undefined for any other text. The last two may be written
 * as an IPv4 address, as the C library and proxies built on it do.
 */
export function parseIpv6(text: string): number[] | undefined {
  const tailStart = text.lastIndexOf(":") + 1;
  let hex = text;
  if (text.includes(".", tailStart)) {
    const tail = parseIpv4(text.slice(tailStart));
    if (tail === undefined) return undefined;
    const [a, b] = wordsOf(tail);
    hex = `${text.slice(0, tailStart)}${a!.toString(16)}:${b!.toString(16)}`;
  }
  const halves = hex.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) =>
    half === "" ? [] : half.split(":")
  );
  const zeros = 8 - left.length - right.length;
  const isSound = halves.length === 1 ? zeros === 0 : zeros > 0;
  if (!isSound) return undefined;
  if (![...left, ...right].every((word) => HEX_WORD.test(word))) {
    return undefined;
  }
  return [...left, ...Array<string>(zeros).fill("0"), ...right]
    .map((word) => parseInt(word, 16));
}

/** A zone of an IPv6 address (RFC 4007 §11.2), as systems name theirs. */
const ZONE = /^[0-9a-z.:-]+$/i;

/** The version of an IP address, which may have a zone if it is of version 6; 0 for any other text. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (parseIpv4(text) !== undefined) return 4;
  const percent = text.indexOf("%");
  if (percent === -1) return parseIpv6(text) === undefined ? 0 : 6;
  if (!ZONE.test(text.slice(percent + 1))) return 0;
  return parseIpv6(text.slice(0, percent)) === undefined ? 0 : 6;
}

/** Converts bytes in network order to 16-bit words. */
export function wordsOf(bytes: ArrayLike<number>): number[] {
  return Array.from(
    { length: bytes.length / 2 },
    (_, i) => bytes[2 * i]! << 8 | bytes[2 * i + 1]!,
  );
}

/** The canonical text (RFC 5952 §4 and §5): lower case, the longest run of zeros omitted, an embedded IPv4 address in dotted form. */
export function ipv6Text(words: readonly number[]): string {
  const [a, b, c, d, e, f, high, low] = words as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  if ((a | b | c | d | e) === 0 && f === 0xffff) {
    return `::ffff:${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
  }
  let runStart = 0;
  let runLength = 0;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && words[end] === 0) end++;
    if (end - at <= runLength) continue;
    runStart = at;
    runLength = end - at;
  }
  const texts = words.map((word) => word.toString(16));
  if (runLength < 2) return texts.join(":");
  return `${texts.slice(0, runStart).join(":")}::${
    texts.slice(runStart + runLength).join(":")
  }`;
}

/** A host as it stands in a URI: an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function uriHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The host of a URI as a socket takes it: without the brackets of an IPv6 address. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

const ASCII = /^[ -~]*$/;

/** Characters that would end a name in a URI. */
const NO_NAME = /[\s/:?#@\\[\]%]/;

/** A name as browsers send it in Host: "xn--mnchen-3ya.example" for "münchen.example". Returns any other text unchanged. */
export function asciiName(name: string): string {
  if (ASCII.test(name) || NO_NAME.test(name)) return name;
  return URL.parse(`http://${name}`)?.hostname ?? name;
}

/** Whether only this machine can reach a listener on an address or name. */
export function isLoopback(host: string): boolean {
  // Normalizes it: "127.1" and "0:0:0:0:0:0:0:1" are loopback addresses too.
  const name = URL.parse(`http://${uriHost(host)}`)?.hostname ?? host;
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/i
    .test(name);
}
