import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  parseAllowedHost,
  parseHostAndPort,
  parseListenHost,
  parseNetwork,
} from "../../lib/cli/addresses.ts";
import { UsageError } from "../../lib/cli/values.ts";
import { printable } from "../../lib/http/printable.ts";

const PARSERS = {
  parseListenHost,
  parseHostAndPort,
  parseNetwork,
  parseAllowedHost,
};

type Parser = keyof typeof PARSERS;

const GOOD:
  readonly (readonly [parser: Parser, text: string, value: unknown])[] = [
    ["parseListenHost", "0.0.0.0", "0.0.0.0"],
    ["parseListenHost", "::", "::"],
    ["parseListenHost", "[::1]", "::1"],
    ["parseListenHost", "fe80::1%eth0", "fe80::1%eth0"],
    ["parseListenHost", "my-machine.example.org", "my-machine.example.org"],
    ["parseHostAndPort", ":9000", { host: "127.0.0.1", port: 9000 }],
    ["parseHostAndPort", "127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["parseHostAndPort", "[::1]:65535", { host: "::1", port: 65535 }],
    ["parseHostAndPort", "localhost:1", { host: "localhost", port: 1 }],
    ["parseNetwork", "10.0.0.0/8", "10.0.0.0/8"],
    ["parseNetwork", "0.0.0.0/0", "0.0.0.0/0"],
    ["parseNetwork", "192.0.2.7", "192.0.2.7"],
    ["parseNetwork", "192.0.2.7/32", "192.0.2.7/32"],
    ["parseNetwork", "2001:db8::/32", "2001:db8::/32"],
    ["parseNetwork", "::/0", "::/0"],
    ["parseNetwork", "::1/128", "::1/128"],
    ["parseNetwork", "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["parseAllowedHost", "Example.COM", "example.com"],
    ["parseAllowedHost", "*", "*"],
    ["parseAllowedHost", ".example.com", ".example.com"],
    ["parseAllowedHost", "*.example.com", "*.example.com"],
    ["parseAllowedHost", "192.0.2.7", "192.0.2.7"],
    ["parseAllowedHost", "::1", "[::1]"],
    ["parseAllowedHost", "[::1]", "[::1]"],
    ["parseAllowedHost", "my_host", "my_host"],
    ["parseAllowedHost", "m\u00fcnchen.example", "xn--mnchen-3ya.example"],
    ["parseAllowedHost", "*.B\u00fccher.de", "*.xn--bcher-kva.de"],
  ];

for (const [parser, text, value] of GOOD) {
  Deno.test(`${parser}() understands ${JSON.stringify(text)}`, () => {
    assertEquals<unknown>(PARSERS[parser](text), value);
  });
}

const BAD: readonly (readonly [parser: Parser, text: string])[] = [
  ["parseListenHost", ""],
  ["parseListenHost", "two words"],
  ["parseListenHost", "http://localhost"],
  ["parseListenHost", "localhost/path"],
  ["parseListenHost", "[::1"],
  ["parseListenHost", "a\nb"],
  ["parseListenHost", "127.0.0.1:80"],
  ["parseListenHost", "localhost:8000"],
  ["parseListenHost", "[::1]:80"],
  ["parseListenHost", "::1::2"],
  ["parseHostAndPort", ""],
  ["parseHostAndPort", "9000"],
  ["parseHostAndPort", "::1:9000"],
  ["parseHostAndPort", "[::1]"],
  ["parseHostAndPort", "[127.0.0.1]:1"],
  ["parseHostAndPort", "[:::]:1"],
  ["parseHostAndPort", "127.0.0.1:"],
  ["parseHostAndPort", "127.0.0.1:65536"],
  ["parseHostAndPort", "127.0.0.1:-1"],
  ["parseHostAndPort", "127.0.0.1:1 "],
  ["parseHostAndPort", "http://127.0.0.1:1"],
  ["parseHostAndPort", "a:1".repeat(1e5)],
  ["parseNetwork", ""],
  ["parseNetwork", "/8"],
  ["parseNetwork", "10/8"],
  ["parseNetwork", "10.0.0.0/"],
  ["parseNetwork", "10.0.0.0/33"],
  ["parseNetwork", "10.0.0.0/-1"],
  ["parseNetwork", "10.0.0.0/8/8"],
  ["parseNetwork", "10.0.0.0/255.0.0.0"],
  ["parseNetwork", "10.0.0.256"],
  ["parseNetwork", "010.0.0.1"],
  ["parseNetwork", "::1/129"],
  ["parseNetwork", "[::1]"],
  ["parseNetwork", "fe80::1%eth0"],
  ["parseNetwork", "localhost"],
  ["parseNetwork", "1".repeat(1e6)],
  ["parseAllowedHost", ""],
  ["parseAllowedHost", "."],
  ["parseAllowedHost", "*."],
  ["parseAllowedHost", "*.*"],
  ["parseAllowedHost", "**"],
  ["parseAllowedHost", "a*.example.com"],
  ["parseAllowedHost", "example.com."],
  ["parseAllowedHost", "a..b"],
  ["parseAllowedHost", "example.com:80"],
  ["parseAllowedHost", "[::1]:80"],
  ["parseAllowedHost", "http://example.com"],
  ["parseAllowedHost", "a b"],
  ["parseAllowedHost", "a.".repeat(1e5)],
];

for (const [parser, text] of BAD) {
  const shown = JSON.stringify(text.slice(0, 40));
  Deno.test(`${parser}() refuses ${shown}`, () => {
    const error = assertThrows(() => PARSERS[parser](text), UsageError);
    assertMatch(error.message, /^Cannot use "[^]*: expected [^]*[^.]$/);
    assertStringIncludes(error.message, printable(text.slice(0, 40)));
  });
}
