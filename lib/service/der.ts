/**
 * Writes DER (X.690), as much of it as certificates need.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** The first of the tags that depend on their context (X.690 §8.1.2.2). */
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** An element: a tag, a length in the shortest form, and the content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const body = content.flatMap((piece) => [...piece]);
  const { length } = body;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Uint8Array.of(tag, ...size, ...body);
}

/** A SEQUENCE. */
export function sequence(...content: readonly Uint8Array[]): Bytes {
  return element(0x30, ...content);
}

/** A SET of one member, whose order needs no care. */
export function setOf(member: Uint8Array): Bytes {
  return element(0x31, member);
}

/** An INTEGER from the bytes of a number that is not negative, the highest first. */
export function integer(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const isHigh = digits[0]! >= 0x80;
  return element(0x02, isHigh ? Uint8Array.of(0) : new Uint8Array(0), digits);
}

/** A BOOLEAN that is true. */
export const TRUE: Bytes = Uint8Array.of(0x01, 0x01, 0xff);

/** An OBJECT IDENTIFIER: "2.5.29.17". */
export function objectId(text: string): Bytes {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) {
      digits.unshift(left & 0x7f | 0x80);
    }
    return digits;
  });
  return element(0x06, Uint8Array.from(bytes));
}

/** A UTF8String. */
export function utf8String(text: string): Bytes {
  return element(0x0c, new TextEncoder().encode(text));
}

/** An OCTET STRING. */
export function octets(...content: readonly Uint8Array[]): Bytes {
  return element(0x04, ...content);
}

/** A BIT STRING; the last `unused` bits of the content do not count. */
export function bits(content: Uint8Array, unused: number = 0): Bytes {
  return element(0x03, Uint8Array.of(unused), content);
}

/** A time in seconds: UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
export function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const isLate = Number(digits.slice(0, 4)) >= 2050;
  const text = isLate ? `${digits}Z` : `${digits.slice(2)}Z`;
  return element(isLate ? 0x18 : 0x17, new TextEncoder().encode(text));
}

/** An element with a tag that depends on its context, in place of its own or around it. */
export function context(
  tag: number,
  isConstructed: boolean,
  ...content: readonly Uint8Array[]
): Bytes {
  return element(
    CONTEXT | (isConstructed ? CONSTRUCTED : 0) | tag,
    ...content,
  );
}

/** Bytes as PEM (RFC 7468). */
export function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}
