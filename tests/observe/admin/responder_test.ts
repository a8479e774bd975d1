import { assert, assertEquals, assertMatch } from "@std/assert";
import type { RequestHead } from "../../../lib/http/head.ts";
import { INCOMPLETE, ParsedHead } from "../../../lib/http/http1/request.ts";
import type { Reply } from "../../../lib/http/reply.ts";
import { adminHandler } from "../../../lib/observe/admin/responder.ts";
import { adminHosts } from "../../../lib/service/admin.ts";
import PAGE from "../../../lib/observe/admin/page.html" with { type: "text" };
import SCRIPT from "../../../lib/observe/admin/page.js" with { type: "text" };
import STYLESHEET from "../../../lib/observe/admin/page.css" with {
  type: "text",
};
import type { ProcessFacts } from "../../../lib/observe/metrics.ts";
import { PROMETHEUS_TYPE } from "../../../lib/observe/prometheus.ts";
import { Server } from "../../../lib/server/server.ts";
import { bytesOf, HAS_NETWORK, request, testWith } from "../../helpers.ts";
import { busyMetrics } from "../snapshots.ts";

const NOW = Date.UTC(2026, 0, 2);

/** The head that a text is. */
function headOf(text: string): RequestHead {
  const head = new ParsedHead();
  const bytes = bytesOf(text);
  const next = head.parse(bytes, 0, bytes.length);
  assert(next > INCOMPLETE, `${next}: ${text}`);
  return head;
}

const HOSTS_OF_PORT = adminHosts("Metrics.Example");

interface Answer {
  readonly reply: Reply;
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

function answerOf(text: string, facts: Partial<ProcessFacts> = {}): Answer {
  const respond = adminHandler({
    getMetrics: () => busyMetrics(facts),
    isOwnHost: (head) => HOSTS_OF_PORT.allows(head),
  });
  const reply = respond(headOf(text), NOW);
  const decoder = new TextDecoder();
  const { lines } = reply.fields;
  const fields = new Map(
    lines.map(([name, value]) => [name.toLowerCase(), value]),
  );
  assertEquals(fields.size, lines.length, "a field comes twice");
  const body = reply.body.map((piece) => decoder.decode(piece as Uint8Array))
    .join("");
  return { reply, status: reply.status, fields, body };
}

function ask(
  method: string,
  target: string,
  facts: Partial<ProcessFacts> = {},
): Answer {
  return answerOf(
    `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n\r\n`,
    facts,
  );
}

const PATHS: readonly (readonly [
  target: string,
  status: number,
  type: string,
  body: RegExp,
])[] = [
  ["/healthz", 200, "text/plain; charset=utf-8", /^ok\n$/],
  ["/readyz", 200, "text/plain; charset=utf-8", /^ready\n$/],
  ["/metrics", 200, PROMETHEUS_TYPE, /^# HELP skiff_requests_total /],
  ["/metrics?x=1", 200, PROMETHEUS_TYPE, /^# HELP skiff_requests_total /],
  ["/figures.json", 200, "application/json", /^\{"time":\d+,/],
  ["/", 200, "text/html; charset=utf-8", /^<!DOCTYPE html>/],
  ["/page.css", 200, "text/css; charset=utf-8", /^:root/],
  ["/page.js", 200, "text/javascript; charset=utf-8", /^\/\/ Draws /],
  ["/healthz/", 404, "text/plain; charset=utf-8", /nothing/],
  ["/nothing", 404, "text/plain; charset=utf-8", /nothing/],
  ["/Metrics", 404, "text/plain; charset=utf-8", /nothing/],
  ["/constructor", 404, "text/plain; charset=utf-8", /nothing/],
  ["/%00", 400, "text/plain; charset=utf-8", /malformed/],
  ["/%ff", 400, "text/plain; charset=utf-8", /malformed/],
];

for (const [target, status, type, body] of PATHS) {
  Deno.test(`GET ${target} on the admin port is ${status}`, () => {
    const answer = ask("GET", target);
    assertEquals(answer.status, status);
    assertEquals(answer.fields.get("content-type"), type);
    assertMatch(answer.body, body);
  });
}

Deno.test("every answer says how long it is, and is kept, framed and read by nobody else", () => {
  const answers = [
    ...PATHS.map(([target]) => ask("GET", target)),
    ask("POST", "/"),
    ask("GET", "/readyz", { isReady: false }),
    answerOf("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
  ];
  for (const { fields, body, reply } of answers) {
    assertEquals(
      fields.get("content-length"),
      String(new TextEncoder().encode(body).length),
    );
    assertEquals(fields.get("cache-control"), "no-store");
    assertEquals(fields.get("x-frame-options"), "DENY");
    assertEquals(fields.get("referrer-policy"), "no-referrer");
    assertEquals(fields.get("cross-origin-resource-policy"), "same-origin");
    const policy = fields.get("content-security-policy")!;
    assertMatch(policy, /^default-src 'none'; /);
    assertMatch(policy, /frame-ancestors 'none'/);
    assert(!policy.includes("unsafe"), policy);
    assert(!/https?:|\*/.test(policy), policy);
    assertEquals(reply.close, false);
  }
});

Deno.test("/readyz turns when the server stops, /healthz does not", () => {
  const stopping = ask("GET", "/readyz", { isReady: false });
  assertEquals([stopping.status, stopping.body], [503, "stopping\n"]);
  assertEquals(ask("GET", "/healthz", { isReady: false }).status, 200);
});

Deno.test("HEAD is answered as GET; the connection leaves the body out", () => {
  for (const [target, status] of PATHS) {
    const head = ask("HEAD", target);
    assertEquals(head.status, status);
    assertEquals(head.fields, ask("GET", target).fields);
  }
});

for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]) {
  Deno.test(`${method} on the admin port is 405`, () => {
    for (const target of ["/", "/metrics", "/nothing"]) {
      const { status, fields } = ask(method, target);
      assertEquals([status, fields.get("allow")], [405, "GET, HEAD"]);
    }
  });
}

const HOSTS: readonly (readonly [host: string, isOwn: boolean])[] = [
  ["127.0.0.1", true],
  ["127.0.0.1:9000", true],
  ["10.1.2.3:80", true],
  ["255.255.255.255", true],
  ["[::1]:9000", true],
  ["[fe80::1]", true],
  ["localhost", true],
  ["LocalHost:9000", true],
  ["localhost.", true],
  ["skiff.localhost:9000", true],
  ["metrics.example:9000", true],
  ["METRICS.example", true],
  ["metrics.example.", true],
  ["evil.example", false],
  ["evil.example:9000", false],
  ["localhost.evil.example", false],
  ["notlocalhost", false],
  ["metrics.example.evil.example", false],
  ["x.metrics.example", false],
  ["127.0.0.1.evil.example", false],
  ["127.0.0.1.nip.io", false],
  ["256.1.1.1", false],
  ["1.2.3", false],
  ["1.2.3.4.5", false],
  ["1.2.3.x", false],
  ["0x7f.0.0.1", false],
  ["1..2.3", false],
  ["127.0.0.1%2eevil.example", false],
];

for (const [host, isOwn] of HOSTS) {
  Deno.test(`Host: ${host} is ${isOwn ? "answered" : "refused"} by the admin port`, () => {
    for (const target of ["/", "/metrics", "/healthz", "/figures.json"]) {
      const { status } = answerOf(
        `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      );
      assertEquals(status, isOwn ? 200 : 421, target);
    }
  });
}

const TARGETS: readonly (readonly [target: string, status: number])[] = [
  ["http://127.0.0.1:9000/metrics", 200],
  ["HTTP://LOCALHOST/metrics", 200],
  ["http://evil.example/metrics", 421],
  ["https://evil.example?/metrics", 421],
  ["http://localhost@evil.example/metrics", 421],
  ["http://", 421],
  ["http://[::1]evil.example/metrics", 421],
  ["ftp://localhost/metrics", 400],
  ["*", 400],
];

for (const [target, status] of TARGETS) {
  Deno.test(`GET ${target} with a good Host is ${status}`, () => {
    assertEquals(ask("GET", target).status, status);
  });
}

Deno.test("without a Host, as HTTP/1.0 may come, there is no name to be deceived by", () => {
  assertEquals(answerOf("GET /readyz HTTP/1.0\r\n\r\n").status, 200);
  assertEquals(
    answerOf("GET /readyz HTTP/1.0\r\nHost: evil.example\r\n\r\n").status,
    421,
  );
});

Deno.test("figures.json has the time, the figures, and the names that stand for them", () => {
  const figures = JSON.parse(ask("GET", "/figures.json").body);
  assertEquals(figures.time, NOW);
  const { names } = figures;
  assertEquals(
    figures.requests.length,
    names.methods.length * names.statuses.length,
  );
  assertEquals(figures.connections.length, names.phases.length);
  assertEquals(figures.timeouts.length, names.phases.length);
  assertEquals(figures.refusals.length, names.causes.length);
  assertEquals(
    figures.durations.counts.length,
    figures.durations.bounds.length + 1,
  );
  assertEquals(figures.isReady, true);
  assertEquals(figures.isolates, 2);
});

Deno.test("the page, its style and its script are served as they are", () => {
  assertEquals(ask("GET", "/").body, PAGE);
  assertEquals(ask("GET", "/page.css").body, STYLESHEET);
  assertEquals(ask("GET", "/page.js").body, SCRIPT);
});

testWith(
  HAS_NETWORK,
  "the admin port is served by the site's own Server",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const reports: unknown[] = [];
    const server = new Server(listener, {
      respond: adminHandler({ getMetrics: busyMetrics, isOwnHost: () => true }),
      report: (error) => reports.push(error),
    });
    const served = server.serve();
    const get = await request(port, "GET", "/metrics");
    assertEquals(get.status, 200);
    assertEquals(get.fields.get("x-content-type-options"), "nosniff");
    assertMatch(get.body, /\nskiff_open_files 4\n/);
    const head = await request(port, "HEAD", "/metrics");
    assertEquals(head.fields.get("content-length"), String(get.body.length));
    assertEquals((await request(port, "POST", "/healthz")).status, 405);
    await server.stop(0);
    await served;
    assertEquals(reports, []);
  },
);
