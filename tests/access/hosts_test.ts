import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  AllowedHosts,
  authorityOf,
  HostError,
  loopbackHosts,
} from "../../lib/access/hosts.ts";
import { headOf } from "./head.ts";

const ROWS: readonly [
  name: string,
  inside: readonly string[],
  outside: readonly string[],
][] = [
  [
    "example.com",
    [
      "example.com",
      "EXAMPLE.com",
      "example.com:8080",
      "example.com.",
      "example.com.:80",
      "example.com:",
    ],
    [
      "www.example.com",
      "example.com.evil.example",
      "xexample.com",
      "com",
      "",
      ":80",
      ".example.com",
      "example.com..",
      "example.com:80:80",
      "example.com:8o",
      "example.com:800000",
      "192.0.2.1",
      "example.com@evil.example",
      "x".repeat(100_000),
    ],
  ],
  [
    "Example.COM.",
    ["example.com", "example.com."],
    ["www.example.com"],
  ],
  [
    ".example.com",
    ["example.com", "www.example.com", "a.b.example.com:1", "WWW.Example.com."],
    [
      "xexample.com",
      "com",
      "example.com.evil",
      ".example.com",
      ".".repeat(300),
    ],
  ],
  [
    "*.example.com",
    ["www.example.com", "a.b.example.com"],
    ["example.com", "xexample.com", "*.example.org"],
  ],
  ["192.0.2.1", ["192.0.2.1", "192.0.2.1:80"], ["192.0.2.2", "192.0.2.1."]],
  [
    "2001:db8::1",
    ["[2001:db8::1]", "[2001:DB8::1]:80"],
    [
      "2001:db8::1",
      "[2001:db8::2]",
      "[2001:db8::1",
      "[2001:db8::1]x",
      "[2001:db8::1]:x",
      "[]",
      "[",
      "]",
    ],
  ],
  ["[2001:db8::1]", ["[2001:db8::1]"], ["[2001:db8::2]"]],
  ["münchen.example", ["xn--mnchen-3ya.example"], ["munchen.example"]],
  ["my_host", ["my_host", "MY_HOST:80"], ["my-host"]],
];

for (const [name, inside, outside] of ROWS) {
  Deno.test(`AllowedHosts of ${name}`, () => {
    const hosts = new AllowedHosts([name]);
    for (const host of inside) assertStrictEquals(hosts.has(host), true, host);
    for (const host of outside) {
      assertStrictEquals(hosts.has(host), false, host.slice(0, 40));
    }
    assertStrictEquals(hosts.has(undefined), true);
  });
}

Deno.test("AllowedHosts of several names have each", () => {
  const hosts = new AllowedHosts(["a.example", "*.b.example"]);
  assertStrictEquals(hosts.has("a.example"), true);
  assertStrictEquals(hosts.has("x.b.example"), true);
  assertStrictEquals(hosts.has("b.example"), false);
});

Deno.test("AllowedHosts of nothing have no host", () => {
  assertStrictEquals(new AllowedHosts([]).has("localhost"), false);
});

const BAD: readonly string[] = [
  "",
  ".",
  "*.",
  "**",
  "a*.example",
  "*.*.example",
  "..example",
  "a..example",
  "example.com:80",
  "http://example.com",
  "example.com/",
  "[2001:db8::1]:80",
  "[2001:db8::1",
  "*.192.0.2.1",
  ".[2001:db8::1]",
  "*.2001:db8::1",
  "*",
  "a b",
  "ä b",
  "ä/b",
  "ä:80",
];

for (const text of BAD) {
  Deno.test(`AllowedHosts refuse "${text}"`, () => {
    assertThrows(() => new AllowedHosts([text]), HostError, `"${text}"`);
  });
}

const LOOPBACK: readonly [host: string, isAllowed: boolean][] = [
  ["localhost", true],
  ["localhost:8000", true],
  ["LOCALHOST.", true],
  ["app.localhost", true],
  ["a.b.localhost:1", true],
  ["127.0.0.1:8000", true],
  ["[::1]:8000", true],
  ["192.168.1.5", true],
  ["[fe80::1]", true],
  ["evil.example", false],
  ["localhost.evil.example", false],
  ["evillocalhost", false],
  ["127.0.0.1.evil.example", false],
  ["127.0.0.1.nip.io", false],
  ["0x7f.0.0.1", false],
  ["2130706433", false],
  ["127.1", false],
  ["[::1].evil.example", false],
];

for (const [host, isAllowed] of LOOPBACK) {
  Deno.test(`loopbackHosts() ${isAllowed ? "have" : "lack"} ${host}`, () => {
    assertStrictEquals(loopbackHosts().has(host), isAllowed);
  });
}

const TARGETS: readonly [target: string, authority: string][] = [
  ["/", "host.example"],
  ["/?http://other.example/", "host.example"],
  ["*", "host.example"],
  ["http://target.example", "target.example"],
  ["http://target.example:80/a", "target.example:80"],
  ["HTTPS://target.example?a", "target.example"],
  ["http://target.example#a", "target.example"],
  ["http://[2001:db8::1]:80/", "[2001:db8::1]:80"],
  ["http://host.example@evil.example/", "host.example@evil.example"],
  ["http:///a", ""],
];

for (const [target, authority] of TARGETS) {
  Deno.test(`authorityOf() a request for ${target}`, () => {
    const head = headOf(`GET ${target} HTTP/1.1\r\nHost: host.example\r\n\r\n`);
    assertStrictEquals(authorityOf(head), authority);
  });
}

Deno.test("authorityOf() a request without a host", () => {
  assertStrictEquals(authorityOf(headOf("GET / HTTP/1.0\r\n\r\n")), undefined);
});

/** Requests in a row, each with whether it is allowed: what was allowed before must not let others pass. */
const SEQUENCE: readonly (readonly [request: string, isAllowed: boolean])[] = [
  ["GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", false],
  ["GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", false],
  ["GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: a.exampl\r\n\r\n", false],
  ["GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: a.example.evil.test\r\n\r\n", false],
  ["GET / HTTP/1.1\r\nHost: a.example.\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: A.EXAMPLE:80\r\n\r\n", true],
  ["GET http://b.example/ HTTP/1.1\r\nHost: A.EXAMPLE:80\r\n\r\n", false],
  ["GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n", true],
  ["GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", false],
  ["GET / HTTP/1.0\r\n\r\n", true],
  ["GET / HTTP/1.0\r\nHost: b.example\r\n\r\n", false],
];

Deno.test("AllowedHosts.allows() looks at each request", () => {
  const hosts = new AllowedHosts(["a.example"]);
  assertEquals(
    SEQUENCE.map(([request]) => [request, hosts.allows(headOf(request))]),
    SEQUENCE.map((row) => [...row]),
  );
});
