import { isIP, isIPv4, isIPv6 } from "node:net";
import { assertEquals } from "@std/assert";
import {
  asciiName,
  bareHost,
  ipv6Text,
  ipVersion,
  isLoopback,
  parseIpv4,
  parseIpv6,
  uriHost,
  wordsOf,
} from "../../lib/http/host.ts";
import { Random } from "../helpers.ts";

/** Texts of IPv6 addresses, and the one that all that mean the same are written as (RFC 5952 §4, §5). */
const WRITTEN: readonly (readonly [text: string, canonical: string])[] = [
  ["::", "::"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["::1", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8::0:1", "2001:db8::1"],
  ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::FFFF:192.0.2.1", "::ffff:192.0.2.1"],
  ["::ffff:c000:201", "::ffff:192.0.2.1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
];

for (const [text, canonical] of WRITTEN) {
  Deno.test(`ipv6Text() writes ${text} as ${canonical}`, () => {
    assertEquals(ipv6Text(parseIpv6(text)!), canonical);
  });
}

Deno.test("parseIpv6() and parseIpv4() take what others take", () => {
  const random = new Random(17);
  const parts = ["0", "1", "ffff", "F", "12345", "g", "", ":", "::", "."];
  const all = [...parts, "1.2.3.4", "01.2.3.4", "256", "255", "%0", " ", "-1"];
  for (let round = 0; round < 50_000; round++) {
    const count = 1 + random.below(9);
    const separator = random.below(3) === 0 ? "." : ":";
    const from = random.below(3) === 0 ? all : all.slice(0, 4);
    const text = Array.from(
      { length: count },
      () => from[random.below(from.length)],
    ).join(separator);
    // A zone is a machine's own, and no part of an address that others speak of.
    const isAddress = isIPv6(text) && !text.includes("%");
    assertEquals(parseIpv6(text) !== undefined, isAddress, text);
    assertEquals(parseIpv4(text) !== undefined, isIPv4(text), text);
  }
});

Deno.test("wordsOf() joins bytes in network order", () => {
  assertEquals(wordsOf([0x20, 0x01, 0x0d, 0xb8]), [0x2001, 0xdb8]);
});

const NAMES: readonly (readonly [name: string, ascii: string])[] = [
  ["example.com", "example.com"],
  ["Example.COM", "Example.COM"],
  ["m\u00fcnchen.example", "xn--mnchen-3ya.example"],
  ["\u4f8b\u3048.jp", "xn--r8jz45g.jp"],
  ["\u00fc/x", "\u00fc/x"],
  ["\u00fc:80", "\u00fc:80"],
  ["\u00fc@x", "\u00fc@x"],
  ["", ""],
];

for (const [name, ascii] of NAMES) {
  Deno.test(`asciiName() makes ${ascii} of ${name}`, () => {
    assertEquals(asciiName(name), ascii);
  });
}

for (
  const [host, inUri] of [
    ["::1", "[::1]"],
    ["2001:db8::1", "[2001:db8::1]"],
    ["127.0.0.1", "127.0.0.1"],
    ["example.com", "example.com"],
    ["", ""],
  ] as const
) {
  Deno.test(`uriHost() writes ${JSON.stringify(host)} as ${inUri}, and bareHost() reads it`, () => {
    assertEquals(uriHost(host), inUri);
    assertEquals(bareHost(inUri), host);
  });
}

for (const text of ["[::1", "::1]", "[::1]:80", "a[b]", "[", "]"]) {
  Deno.test(`bareHost() leaves ${JSON.stringify(text)} as it is`, () => {
    assertEquals(bareHost(text), text);
  });
}

const LOOPBACK: readonly (readonly [host: string, isOne: boolean])[] = [
  ["localhost", true],
  ["LocalHost", true],
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["::FFFF:127.0.0.9", true],
  ["0.0.0.0", false],
  ["::", false],
  ["", false],
  ["192.0.2.1", false],
  ["::ffff:192.0.2.1", false],
  ["128.0.0.1", false],
  ["localhost.example", false],
  ["example.localhost", true],
  ["127.0.0.1.example", false],
  ["x127.0.0.1", false],
  ["127.1", true],
  ["0x7f.1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["0:0::ffff:7f00:1", true],
  ["128.1", false],
  ["localhost.", true],
  ["::11", false],
  ["localhost\nx", false],
];

for (const [host, isOne] of LOOPBACK) {
  Deno.test(`isLoopback() says ${isOne} of ${JSON.stringify(host)}`, () => {
    assertEquals(isLoopback(host), isOne);
  });
}

const VERSIONS: readonly (readonly [text: string, version: 0 | 4 | 6])[] = [
  ["192.0.2.1", 4],
  ["192.0.2.1%eth0", 0],
  ["192.0.2.256", 0],
  ["::1", 6],
  ["::ffff:192.0.2.1", 6],
  ["fe80::1%eth0", 6],
  ["fe80::1%br-lan.7", 6],
  ["fe80::1%", 0],
  ["fe80::1%a%b", 0],
  ["fe80::1%a/b", 0],
  ["%eth0", 0],
  ["1:2", 0],
  ["localhost", 0],
  ["", 0],
];

for (const [text, version] of VERSIONS) {
  Deno.test(`ipVersion() is ${version} for "${text}", as in Node`, () => {
    assertEquals(ipVersion(text), version);
    assertEquals(isIP(text), version);
  });
}
