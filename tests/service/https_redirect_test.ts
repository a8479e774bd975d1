import { assertEquals } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import type { Options } from "../../lib/cli/options.ts";
import { ParsedHead } from "../../lib/http/http1/request.ts";
import {
  HttpsRedirect,
  redirectHandler,
} from "../../lib/service/https_redirect.ts";
import type { Plan } from "../../lib/service/plan.ts";
import { FIRST_PAIR } from "../certificates.ts";
import {
  bytesOf,
  exchange,
  HAS_NETWORK,
  parseResponses,
  testWith,
} from "../helpers.ts";
import { Crowd, readOnce } from "../hostile/crowd.ts";
import { Client } from "../raw_client.ts";
import { answeredOf, planFor } from "./plans.ts";

/** What is answered to a request as it comes; undefined when no responder ever sees it. */
function answer(
  text: string,
  port = 8443,
): { status: number; location: string | undefined } | undefined {
  const bytes = bytesOf(text);
  const head = new ParsedHead();
  if (head.parse(bytes, 0, bytes.length) !== bytes.length) {
    return undefined;
  }
  const { status, fields } = answeredOf(redirectHandler(port)(head));
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
  Deno.test(`redirectHandler() sends ${target} of ${host} to ${location}`, () => {
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
  Deno.test(`redirectHandler() sends nobody anywhere: ${name}`, () => {
    const given = answer(text);
    assertEquals(given?.status, status);
    assertEquals(given?.location, undefined);
  });
}

Deno.test("redirectHandler() names no port where it is the usual one", () => {
  const text = "GET /x HTTP/1.1\r\nHost: a.example:80\r\n\r\n";
  assertEquals(answer(text, 443)?.location, "https://a.example/x");
});

/** A redirect on a port of its own, beside a site that is reached from everywhere. */
async function withRedirect(
  options: Partial<Options>,
  fn: (port: number, redirect: HttpsRedirect, plan: Plan) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const plan = planFor("/", {
    options: { host: "0.0.0.0", ...options },
    keyPair: FIRST_PAIR,
  });
  const reports: unknown[] = [];
  const redirect = new HttpsRedirect(
    listener,
    plan,
    443,
    (error) => reports.push(error),
  );
  try {
    await fn(listener.addr.port, redirect, plan);
  } finally {
    await redirect.close();
  }
  assertEquals(reports, []);
}

function ask(host: string, fields: string = "", before: string = ""): string {
  return `${before}GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n`;
}

const PROXIED: Partial<Options> = { trustedProxy: ["127.0.0.1"] };
const TCP4 = "PROXY TCP4 192.0.2.7 127.0.0.1 4096 80\r\n";

/** What is decided as for the site: options, a request, and its status. */
const DECIDED: readonly (readonly [
  name: string,
  options: Partial<Options>,
  text: string,
  status: number,
])[] = [
  ["a name of the certificate", {}, ask("localhost"), 308],
  ["an address of the certificate", {}, ask("127.0.0.1:80"), 308],
  ["another host", {}, ask("evil.example"), 421],
  ["a host below a name", {}, ask("evil.localhost"), 421],
  ["no host", {}, "GET / HTTP/1.0\r\n\r\n", 400],
  ["a host that was named", { allowedHosts: ["a.b"] }, ask("a.b"), 308],
  [
    "the certificate's beside it",
    {
      allowedHosts: ["a.b"],
    },
    ask("localhost"),
    421,
  ],
  [
    "the host of a preview",
    { preview: [parsePreview("v1=a.b")] },
    ask("a.b"),
    308,
  ],
  ["any where all were named", { allowedHosts: ["*"] }, ask("x.y"), 308],
  ["what only this machine reaches", { host: "127.0.0.1" }, ask("[::1]"), 308],
  ["others there", { host: "127.0.0.1" }, ask("evil.example"), 421],
  ["who is denied", { deny: ["127.0.0.0/8"] }, ask("localhost"), 403],
  ["who is not allowed", { allow: ["192.0.2.1"] }, ask("localhost"), 403],
  [
    "who is denied, by what a proxy says",
    {
      ...PROXIED,
      deny: ["192.0.2.7"],
    },
    ask("localhost", "X-Forwarded-For: 192.0.2.7\r\n"),
    403,
  ],
  [
    "who says so of himself",
    {
      deny: ["192.0.2.7"],
    },
    ask("localhost", "X-Forwarded-For: 192.0.2.7\r\n"),
    308,
  ],
  [
    "who is denied, by a PROXY header",
    {
      ...PROXIED,
      proxyProtocol: true,
      deny: ["192.0.2.7"],
    },
    ask("localhost", "", TCP4),
    403,
  ],
];

for (const [name, options, text, status] of DECIDED) {
  testWith(HAS_NETWORK, `HttpsRedirect decides on ${name}`, async () => {
    await withRedirect(options, async (port) => {
      const response = parseResponses(await exchange(port, text), ["GET"])[0]!;
      assertEquals(response.status, status);
      assertEquals(response.fields.has("location"), status === 308);
    });
  });
}

testWith(
  HAS_NETWORK,
  "HttpsRedirect keeps to the limits of an address",
  async () => {
    const options = { connectionsPerAddress: 1, requestsPerSecond: 1 };
    await withRedirect(options, async (port) => {
      using first = await Client.connect(port);
      const statuses: number[] = [];
      for (let i = 0; i < 12; i++) {
        await first.send(ask("localhost").replace("Connection: close\r\n", ""));
        statuses.push((await first.response()).status);
      }
      assertEquals(statuses.filter((status) => status === 308).length, 10);
      assertEquals(statuses.at(-1), 429);
      using second = await Client.connect(port);
      assertEquals((await second.response()).status, 429);
    });
  },
);

testWith(
  HAS_NETWORK,
  "HttpsRedirect follows another plan and another certificate",
  async () => {
    await withRedirect({}, async (port, redirect, plan) => {
      const statusOf = async (host: string) => {
        const text = await exchange(port, ask(host));
        return parseResponses(text, ["GET"])[0]!.status;
      };
      assertEquals(await statusOf("localhost"), 308);
      redirect.reload({ ...plan, keyPair: undefined });
      assertEquals(await statusOf("localhost"), 421);
      const options = { ...plan.options, allowedHosts: ["localhost"] };
      redirect.reload({ ...plan, options });
      assertEquals(await statusOf("localhost"), 308);
    });
  },
);

testWith(
  HAS_NETWORK,
  "HttpsRedirect has a small share of the descriptors, and lets strangers in",
  async () => {
    await withRedirect({}, async (port) => {
      using crowd = await Crowd.gather(port, 510);
      const evicted = crowd.sockets.slice(0, 10);
      assertEquals(new Set(await Promise.all(evicted.map(readOnce))).size, 1);
      const text = await exchange(port, ask("localhost"));
      assertEquals(parseResponses(text, ["GET"])[0]!.status, 308);
    });
  },
);
