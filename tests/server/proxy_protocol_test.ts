import { assert, assertEquals } from "@std/assert";
import { isIP, isIPv6 } from "node:net";
import { INCOMPLETE } from "../../lib/http/http1/request.ts";
import {
  MALFORMED_HEADER,
  parseProxyHeader,
  type ProxyHeader,
  V1_BYTES_MAX,
  V2_BYTES_MAX,
} from "../../lib/server/proxy_protocol.ts";
import { Random } from "../helpers.ts";

/** A byte a character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function parse(text: string): ProxyHeader | 0 | -400 {
  return parseProxyHeader(bytesOf(text));
}

const LINES: readonly (readonly [line: string, address: string | undefined])[] =
  [
    ["TCP4 192.168.0.1 192.168.0.11 56324 443", "192.168.0.1"],
    ["TCP4 0.0.0.0 255.255.255.255 0 65535", "0.0.0.0"],
    ["TCP6 2001:db8::1 2001:db8::2 1 2", "2001:db8::1"],
    ["TCP6 2001:DB8::ABCD ::1 1 2", "2001:db8::abcd"],
    [
      "TCP6 2001:0db8:0000:0000:0001:0000:0000:0001 :: 1 2",
      "2001:db8::1:0:0:1",
    ],
    ["TCP6 :: ::1 1 2", "::"],
    ["TCP6 ::1 :: 1 2", "::1"],
    ["TCP6 1:: :: 1 2", "1::"],
    ["TCP6 1:2:3:4:5:6:7:8 :: 1 2", "1:2:3:4:5:6:7:8"],
    ["TCP6 1:2:3:4:5:6:7:: :: 1 2", "1:2:3:4:5:6:7:0"],
    ["TCP6 ::2:3:4:5:6:7:8 :: 1 2", "0:2:3:4:5:6:7:8"],
    ["TCP6 1:0:0:2:0:0:0:3 :: 1 2", "1:0:0:2::3"],
    ["TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 1 2", "::ffff:192.0.2.7"],
    ["TCP6 ::ffff:c000:207 :: 1 2", "::ffff:192.0.2.7"],
    ["TCP6 ::192.0.2.7 :: 1 2", "::c000:207"],
    ["TCP6 64:ff9b::192.0.2.7 :: 1 2", "64:ff9b::c000:207"],
    [
      "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
    ["UNKNOWN", undefined],
    ["UNKNOWN ", undefined],
    ["UNKNOWN anything \0\xff at all", undefined],
    ["UNKNOWN 192.168.0.1 192.168.0.11 56324 443", undefined],
    [
      "UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
      undefined,
    ],
  ];

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2. `start` is what stands behind the signature, without the length. */
function binary(start: string, rest: string): string {
  const length = String.fromCharCode(rest.length >> 8, rest.length & 0xff);
  return `${SIGNATURE}${start}${length}${rest}`;
}

const IPV4 = "\xc0\0\x02\x07" + "\xc0\0\x02\x01" + "\x30\x39" + "\x01\xbb";
const IPV6 = "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x01" +
  "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x02" + "\x30\x39" + "\x01\xbb";
const MAPPED = "\0".repeat(10) + "\xff\xff\xc0\0\x02\x07" + "\0".repeat(20);
const UNIX = "/run/a.sock".padEnd(108, "\0").repeat(2);
const TLV = "\x01\0\x08http/1.1" + "\x02\0\x0bexample.org";

const BINARIES: readonly (readonly [
  name: string,
  text: string,
  address: string | undefined,
])[] = [
  ["TCP over IPv4", binary("\x21\x11", IPV4), "192.0.2.7"],
  ["UDP over IPv4", binary("\x21\x12", IPV4), "192.0.2.7"],
  ["TCP over IPv6", binary("\x21\x21", IPV6), "2001:db8::1"],
  ["UDP over IPv6", binary("\x21\x22", IPV6), "2001:db8::1"],
  [
    "an IPv4 client of an IPv6 listener",
    binary("\x21\x21", MAPPED),
    "::ffff:192.0.2.7",
  ],
  [
    "the highest address",
    binary("\x21\x11", "\xff".repeat(12)),
    "255.255.255.255",
  ],
  ["IPv4 and TLVs", binary("\x21\x11", IPV4 + TLV), "192.0.2.7"],
  ["IPv6 and TLVs", binary("\x21\x21", IPV6 + TLV), "2001:db8::1"],
  [
    "TLVs that are none",
    binary("\x21\x11", IPV4 + "\xff\xff\xff"),
    "192.0.2.7",
  ],
  ["a Unix stream", binary("\x21\x31", UNIX), undefined],
  ["a Unix datagram", binary("\x21\x32", UNIX + TLV), undefined],
  ["LOCAL", binary("\x20\0", ""), undefined],
  ["LOCAL with addresses", binary("\x20\x11", IPV4), undefined],
  ["LOCAL with a family that is none", binary("\x20\xff", "xyz"), undefined],
  ["LOCAL with TLVs", binary("\x20\0", TLV), undefined],
  ["an unknown protocol", binary("\x21\0", ""), undefined],
  ["an unknown protocol and something", binary("\x21\0", IPV4), undefined],
  ["an unknown family", binary("\x21\x01", ""), undefined],
  ["IPv4 of an unknown protocol", binary("\x21\x10", IPV4), undefined],
  [
    "as much as there may be",
    binary("\x21\x11", IPV4 + "x".repeat(V2_BYTES_MAX - 16 - 12)),
    "192.0.2.7",
  ],
];

const HEADERS = [
  ...LINES.map(([line, address]) =>
    [line.slice(0, 60), `PROXY ${line}\r\n`, address] as const
  ),
  ...BINARIES,
];

for (const [name, text, address] of HEADERS) {
  Deno.test(`parseProxyHeader() reads ${name}`, () => {
    const expected = { length: text.length, address };
    assertEquals(parse(text), expected);
    // What follows belongs to the connection.
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    assertEquals(parse(text + request), expected);
    assertEquals(parse(text + text), expected);
    if (address !== undefined) assert(isIP(address) > 0);
  });

  Deno.test(`parseProxyHeader() waits for the whole of ${name}`, () => {
    const bytes = bytesOf(text);
    for (let end = 0; end < bytes.length; end++) {
      const begun = bytes.subarray(0, end);
      assertEquals(parseProxyHeader(begun), INCOMPLETE, `${end} bytes`);
    }
  });
}

Deno.test("the longest line is as long as the limit", () => {
  const longest = Math.max(...LINES.map(([line]) => line.length));
  assertEquals("PROXY \r\n".length + longest, V1_BYTES_MAX);
});

const MALFORMED_LINES: readonly string[] = [
  "",
  " ",
  "TCP4",
  "TCP4 ",
  "TCP4 1.2.3.4",
  "TCP4 1.2.3.4 1.2.3.4",
  "TCP4 1.2.3.4 1.2.3.4 1",
  "TCP4 1.2.3.4 1.2.3.4 1 ",
  "TCP4 1.2.3.4 1.2.3.4 1 2 ",
  "TCP4 1.2.3.4 1.2.3.4 1 2 3",
  "TCP4  1.2.3.4 1.2.3.4 1 2",
  " TCP4 1.2.3.4 1.2.3.4 1 2",
  "TCP4\t1.2.3.4 1.2.3.4 1 2",
  "TCP4 1.2.3.4 1.2.3.4 1 2\0",
  "tcp4 1.2.3.4 1.2.3.4 1 2",
  "TCP 1.2.3.4 1.2.3.4 1 2",
  "TCP5 1.2.3.4 1.2.3.4 1 2",
  "UDP4 1.2.3.4 1.2.3.4 1 2",
  "unknown",
  "UNKNOWNS",
  "TCP4 1.2.3.4 1.2.3.4 01 2",
  "TCP4 1.2.3.4 1.2.3.4 1 02",
  "TCP4 1.2.3.4 1.2.3.4 65536 2",
  "TCP4 1.2.3.4 1.2.3.4 1 99999",
  "TCP4 1.2.3.4 1.2.3.4 1 100000",
  "TCP4 1.2.3.4 1.2.3.4 -1 2",
  "TCP4 1.2.3.4 1.2.3.4 +1 2",
  "TCP4 1.2.3.4 1.2.3.4 1e1 2",
  "TCP4 1.2.3.4 1.2.3.4 0x1 2",
  "TCP4 1.2.3 1.2.3.4 1 2",
  "TCP4 1.2.3.4.5 1.2.3.4 1 2",
  "TCP4 1.2.3. 1.2.3.4 1 2",
  "TCP4 .1.2.3 1.2.3.4 1 2",
  "TCP4 1..2.3 1.2.3.4 1 2",
  "TCP4 1.2.3.256 1.2.3.4 1 2",
  "TCP4 1.2.3.04 1.2.3.4 1 2",
  "TCP4 1.2.3.00 1.2.3.4 1 2",
  "TCP4 1.2.3.4 1.2.3.999 1 2",
  "TCP4 1.2.3.\xb2 1.2.3.4 1 2",
  "TCP4 16909060 1.2.3.4 1 2",
  "TCP4 0x1.2.3.4 1.2.3.4 1 2",
  "TCP4 localhost 1.2.3.4 1 2",
  "TCP4 ::1 1.2.3.4 1 2",
  "TCP4 ::1 ::1 1 2",
  "TCP6 1.2.3.4 1.2.3.4 1 2",
  "TCP6 ::1 1.2.3.4 1 2",
  "TCP6 : :: 1 2",
  "TCP6 ::: :: 1 2",
  "TCP6 :1 :: 1 2",
  "TCP6 1: :: 1 2",
  "TCP6 1::2::3 :: 1 2",
  "TCP6 1:2:3:4:5:6:7 :: 1 2",
  "TCP6 1:2:3:4:5:6:7:8:9 :: 1 2",
  "TCP6 1:2:3:4::5:6:7:8 :: 1 2",
  "TCP6 1:2:3:4:5:6:7:8:: :: 1 2",
  "TCP6 ::1:2:3:4:5:6:7:8 :: 1 2",
  "TCP6 12345:: :: 1 2",
  "TCP6 00001:: :: 1 2",
  "TCP6 g:: :: 1 2",
  "TCP6 [::1] :: 1 2",
  "TCP6 ::1%eth0 :: 1 2",
  "TCP6 ::1/64 :: 1 2",
  "TCP6 ::1.2.3 :: 1 2",
  "TCP6 ::1.2.3.4.5 :: 1 2",
  "TCP6 ::1.2.3.256 :: 1 2",
  "TCP6 ::01.2.3.4 :: 1 2",
  "TCP6 1.2.3.4::1 :: 1 2",
  "TCP6 ::1.2.3.4:1 :: 1 2",
  "TCP6 1:2:3:4:5:6:7:1.2.3.4 :: 1 2",
  "TCP6 1:2:3:4:5:1.2.3.4 :: 1 2",
];

for (const line of MALFORMED_LINES) {
  Deno.test(`parseProxyHeader() refuses "PROXY ${line}"`, () => {
    assertEquals(parse(`PROXY ${line}\r\n`), MALFORMED_HEADER);
  });
}

const MALFORMED_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["a request", "GET / HTTP/1.1\r\n"],
  ["the first byte of a request", "G"],
  ["what begins like it", "PROX/ "],
  ["a client's hello", "\x16\x03\x01\x02\0\x01\0\x01"],
  ["lower case", "proxy "],
  ["a space before it", " PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n"],
  ["a line without a space", "PROXY\r\n"],
  ["a line feed alone", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"],
  ["a carriage return alone", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rG"],
  ["two carriage returns", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n"],
  ["a line feed in what is ignored", "PROXY UNKNOWN a\nb\r\n"],
  ["a line without an end", `PROXY UNKNOWN ${"x".repeat(V1_BYTES_MAX)}`],
  [
    "a line that ends a byte too late",
    `PROXY UNKNOWN ${"x".repeat(V1_BYTES_MAX - 15)}\r\n`,
  ],
  [
    "a line whose carriage return is the last byte that may be",
    `PROXY UNKNOWN ${"x".repeat(V1_BYTES_MAX - 15)}\r`,
  ],
  ["two line ends", "\r\n\r\n\r\n"],
  ["a signature that ends otherwise", "\r\n\r\n\0\r\nQUIT\r"],
  ["version 1 in binary", binary("\x11\x11", IPV4)],
  ["version 3", binary("\x31\x11", IPV4)],
  ["an unknown command", binary("\x22\x11", IPV4)],
  ["the highest command", binary("\x2f\0", "")],
  ["an unknown family", binary("\x21\x41", IPV4)],
  ["an unknown transport", binary("\x21\x13", IPV4)],
  ["IPv4 addresses that are too short", binary("\x21\x11", IPV4.slice(1))],
  ["IPv6 addresses that are too short", binary("\x21\x21", IPV6.slice(1))],
  ["Unix addresses that are too short", binary("\x21\x31", UNIX.slice(1))],
  ["no addresses", binary("\x21\x11", "")],
  ["more than there may be", binary("\x21\x11", "x".repeat(V2_BYTES_MAX - 15))],
  ["much more, only announced", `${SIGNATURE}\x21\x11\xff\xff`],
  ["much more for nothing", `${SIGNATURE}\x20\0\xff\xff`],
  ["an unknown command, at once", `${SIGNATURE}\x22`],
];

for (const [name, text] of MALFORMED_TEXTS) {
  Deno.test(`parseProxyHeader() refuses ${name}`, () => {
    assertEquals(parse(text), MALFORMED_HEADER);
  });
}

Deno.test("parseProxyHeader() takes a line that ends with the last byte that may be", () => {
  const text = `PROXY UNKNOWN ${"x".repeat(V1_BYTES_MAX - 16)}\r\n`;
  assertEquals(text.length, V1_BYTES_MAX);
  assertEquals(parse(text), { length: V1_BYTES_MAX, address: undefined });
});

/** What is said of any bytes: nothing, or an address that is one. */
function assertSound(bytes: Uint8Array, message: string): void {
  const result = parseProxyHeader(bytes);
  if (result === MALFORMED_HEADER || result === INCOMPLETE) return;
  assert(result.length > 0 && result.length <= bytes.length, message);
  const { address } = result;
  if (address === undefined) return;
  assert(isIP(address) > 0, `${message}: ${address}`);
  assertEquals(address, address.toLowerCase());
}

for (const [name, text, address] of HEADERS) {
  Deno.test(`parseProxyHeader() stands any other byte in ${name}`, () => {
    const bytes = bytesOf(text);
    const isLine = text.startsWith("PROXY");
    for (let at = 0; at < bytes.length; at++) {
      const right = bytes[at]!;
      for (let byte = 0; byte < 256; byte++) {
        bytes[at] = byte;
        assertSound(bytes, `${byte} at ${at}`);
        const result = parseProxyHeader(bytes);
        // A line is complete or wrong.
        if (isLine) assert(result !== INCOMPLETE, `${byte} at ${at}`);
        if (isLine && address !== undefined && result !== MALFORMED_HEADER) {
          assert(result !== 0 && result.address !== undefined);
        }
      }
      bytes[at] = right;
    }
  });
}

Deno.test("parseProxyHeader() says nothing wrong of random bytes", () => {
  const random = new Random(7);
  const alphabet = "PROXY TCP46UNKW:.0123456789abcdef\r\n\0\x21\x11\x20\xff";
  for (let round = 0; round < 20_000; round++) {
    const header = HEADERS[random.below(HEADERS.length)]![1];
    const kept = random.below(header.length + 1);
    let text = header.slice(0, kept);
    for (let count = random.below(40); count > 0; count--) {
      text += alphabet[random.below(alphabet.length)];
    }
    assertSound(bytesOf(text + header.slice(kept)), text);
  }
});

Deno.test("parseProxyHeader() takes the same IPv6 addresses as others do, and writes them as others do", () => {
  const random = new Random(11);
  const words = ["0", "0", "0", "1", "00ab", "ffff", "F0", "", "12345", "g"];
  let sound = 0;
  for (let round = 0; round < 50_000; round++) {
    const count = 1 + random.below(9);
    const text = Array.from(
      { length: count },
      () => words[random.below(random.below(4) === 0 ? words.length : 7)],
    ).join(":").replace(/:0:0:/, random.below(2) === 0 ? "::" : ":0:0:");
    const result = parse(`PROXY TCP6 ${text} :: 1 2\r\n`);
    assertEquals(result !== MALFORMED_HEADER, isIPv6(text), text);
    if (result === MALFORMED_HEADER || result === INCOMPLETE) continue;
    sound++;
    if (result.address!.includes(".")) continue;
    assertEquals(`[${result.address}]`, new URL(`http://[${text}]/`).hostname);
  }
  assert(sound > 1000, `${sound}`);
});

Deno.test("parseProxyHeader() writes an IPv6 address of both versions alike", () => {
  const random = new Random(13);
  for (let round = 0; round < 5000; round++) {
    const source = Array.from(
      { length: 16 },
      () => random.below(3) === 0 ? random.below(256) : 0,
    );
    const hex = source.map((byte) => byte.toString(16).padStart(2, "0"));
    const text = hex.join("").match(/.{4}/g)!.join(":");
    const addresses = String.fromCharCode(...source) + "\0".repeat(20);
    const inBinary = parse(binary("\x21\x21", addresses));
    const inLine = parse(`PROXY TCP6 ${text} :: 1 2\r\n`);
    assert(inBinary !== 0 && inBinary !== MALFORMED_HEADER);
    assert(inLine !== 0 && inLine !== MALFORMED_HEADER);
    assertEquals(inBinary.address, inLine.address);
  }
});
