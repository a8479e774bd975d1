import { assert, assertEquals } from "@std/assert";
import { AllowedHosts } from "../../lib/access/hosts.ts";
import { ParsedHead } from "../../lib/http/request.ts";
import { redirectResponder } from "../../lib/service/https_redirect.ts";
import { bytesOf } from "../helpers.ts";
import { answeredOf } from "./plans.ts";

/** What is answered to a request as it comes; undefined when no responder ever sees it. */
function answer(
  text: string,
  port = 8443,
  hosts?: AllowedHosts,
): { status: number; location: string | undefined } | undefined {
  const bytes = bytesOf(text);
  const head = new ParsedHead();
  if (head.parse(bytes, 0, bytes.length) !== bytes.length) {
    return undefined;
  }
  const { status, fields } = answeredOf(redirectResponder(port, hosts)(head));
  return { status, location: fields.get("location") };
}

/** Requests by host and target, and where they are sent. */
const REDIRECTS: readonly (readonly [
  host: string,
  target: string,
  location: string,
])[] = [
  ["a.example", "/", "https://a.example:8443/"],
  ["a.example:80", "/", "https://a.example:8443/"],
  ["a.example:", "/", "https://a.example:8443/"],
  ["A.Example:8080", "/x", "https://A.Example:8443/x"],
  ["192.0.2.1:80", "/x", "https://192.0.2.1:8443/x"],
  ["[2001:db8::1]", "/x", "https://[2001:db8::1]:8443/x"],
  ["[2001:db8::1]:80", "/x", "https://[2001:db8::1]:8443/x"],
  ["a.example", "/a?b=c&d=//e", "https://a.example:8443/a?b=c&d=//e"],
  ["a.example", "/a?", "https://a.example:8443/a?"],
  ["a.example", "/a?%0d%0aX:%20y", "https://a.example:8443/a?%0d%0aX:%20y"],
  ["a.example", "/a%20b%3fc%23", "https://a.example:8443/a%20b%3Fc%23"],
  ["a.example", "/%c3%a4", "https://a.example:8443/%C3%A4"],
  ["a.example", "/%0d%0aX:%20y", "https://a.example:8443/%0D%0AX:%20y"],
  // The target in absolute form has the host that counts.
  ["a.example", "http://b.example:81/x?y", "https://b.example:8443/x?y"],
  ["a.example", "HTTP://b.example", "https://b.example:8443/"],
  ["a.example", "http://[::1]:80?q", "https://[::1]:8443/?q"],
  // A path never becomes a host.
  ["a.example", "//evil.example/", "https://a.example:8443/evil.example/"],
  ["a.example", "///evil.example", "https://a.example:8443/evil.example"],
  ["a.example", "/.//evil.example", "https://a.example:8443/evil.example"],
  ["a.example", "/@evil.example", "https://a.example:8443/@evil.example"],
  ["a.example", "/x/..//evil.example", "https://a.example:8443/evil.example"],
  ["a.example", "/?//evil.example", "https://a.example:8443/?//evil.example"],
  [
    "a.example",
    "/http://evil.example/",
    "https://a.example:8443/http:/evil.example/",
  ],
];

for (const [host, target, location] of REDIRECTS) {
  Deno.test(`redirectResponder() sends ${target} of ${host} to ${location}`, () => {
    for (const method of ["GET", "HEAD", "POST", "BREW"]) {
      const text = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      assertEquals(answer(text), { status: 308, location });
    }
    // What a browser makes of it is where it says.
    const { hostname, protocol, port } = new URL(location);
    assertEquals([protocol, port], ["https:", "8443"]);
    const asked = target.toLowerCase().startsWith("http://")
      ? new URL(target).hostname
      : new URL(`http://${host}`).hostname;
    assertEquals(hostname, asked);
  });
}

/** Requests that are sent nowhere. */
const REFUSED: readonly (readonly [
  name: string,
  text: string,
  status: number | undefined,
])[] = [
  ["no host", "GET / HTTP/1.0\r\n\r\n", 400],
  ["no host where there must be one", "GET / HTTP/1.1\r\n\r\n", undefined],
  ["an empty host", "GET / HTTP/1.0\r\nHost:\r\n\r\n", undefined],
  ["two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", undefined],
  ["user information", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", undefined],
  [
    "user information in the target",
    "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  [
    "a password in the target",
    "GET http://a:b@c/ HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  ["a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", undefined],
  ["a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", undefined],
  ["a query", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n", undefined],
  ["a backslash", "GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n", undefined],
  ["a bare CR", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", undefined],
  ["a bare LF", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", undefined],
  ["a port that is none", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", undefined],
  ["no host in the target", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  [
    "a script",
    "GET javascript://a/%0aalert() HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  [
    "authority form",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  ["asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["no path", "GET evil.example HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a malformed path", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  [
    "an encoded separator",
    "GET /%2fevil.example HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  [
    "a backslash in the path",
    "GET /\\evil.example HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
  ],
  ["NUL", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400],
];

for (const [name, text, status] of REFUSED) {
  Deno.test(`redirectResponder() sends nobody anywhere: ${name}`, () => {
    const given = answer(text);
    assertEquals(given?.status, status);
    assertEquals(given?.location, undefined);
  });
}

Deno.test("redirectResponder() names no port where it is the usual one", () => {
  const text = "GET /x HTTP/1.1\r\nHost: a.example:80\r\n\r\n";
  assertEquals(answer(text, 443)?.location, "https://a.example/x");
});

Deno.test("redirectResponder() is for the hosts that are answered for alone", () => {
  const hosts = new AllowedHosts(["a.example"]);
  const to = (host: string, target = "/") =>
    answer(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 443, hosts);
  assertEquals(to("a.example:80")?.status, 308);
  assertEquals(to("evil.example"), { status: 421, location: undefined });
  assertEquals(to("a.example", "http://evil.example/")?.status, 421);
  assertEquals(to("a.example.evil.example")?.status, 421);
  assertEquals(to("evil.example", "http://a.example/")?.status, 308);
  assert(answer("GET / HTTP/1.0\r\n\r\n", 443, hosts)?.status === 400);
});
