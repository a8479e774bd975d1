/**
 * What each rule of access costs a request.
 *
 * @module
 */

import { parseBasic } from "../lib/access/basic.ts";
import { clientAddress } from "../lib/access/forwarded.ts";
import { Gate } from "../lib/access/gate.ts";
import { loopbackHosts } from "../lib/access/hosts.ts";
import { ConnectionLimit, RateLimit } from "../lib/access/limits.ts";
import { Networks, subjectOf } from "../lib/access/networks.ts";
import { Credentials } from "../lib/access/credentials.ts";
import { ParsedHead } from "../lib/http/http1/request.ts";
import { keep } from "./keep.ts";

const NOW = Date.UTC(2030, 0, 1);

/** Addresses enough that nothing is answered from what was asked just before. */
const ADDRESSES = Array.from(
  { length: 4096 },
  (_, i) => `10.${i >> 8}.${i & 255}.7`,
);
const SUBJECTS_6 = ADDRESSES.map((_, i) =>
  subjectOf(`2001:db8:${i.toString(16)}::1234:5678`)
);

let turn = 0;
function next(texts: readonly string[]): string {
  return texts[turn++ & 4095]!;
}

const requests = new RateLimit({ rate: 100_000 });
Deno.bench("RateLimit.take() IPv4", { group: "limits" }, () => {
  keep(requests.take(next(ADDRESSES), NOW + turn));
});
Deno.bench("RateLimit.take() IPv6", { group: "limits" }, () => {
  keep(requests.take(next(SUBJECTS_6), NOW + turn));
});
const slow = new RateLimit({ rate: 0.001, burst: 1 });
Deno.bench("RateLimit.take() refused", { group: "limits" }, () => {
  keep(slow.take("192.0.2.1", NOW));
});
const connections = new ConnectionLimit(100);
Deno.bench("ConnectionLimit open and close", { group: "limits" }, () => {
  const address = next(ADDRESSES);
  keep(connections.open(address));
  connections.close(address);
});

Deno.bench("subjectOf() IPv4", { group: "addresses" }, () => {
  keep(subjectOf("192.0.2.1"));
});
Deno.bench("subjectOf() IPv6", { group: "addresses" }, () => {
  keep(subjectOf("2001:db8::1234:5678"));
});
const networks = new Networks(["172.16.0.0/12", "2001:db8::/32"]);
Deno.bench("Networks.has() remembered", { group: "addresses" }, () => {
  keep(networks.has("192.0.2.1"));
});
Deno.bench("Networks.has() new", { group: "addresses" }, () => {
  keep(networks.has(next(ADDRESSES)));
});
const trusted = new Networks(["10.0.0.0/8"]);
Deno.bench("clientAddress() X-Forwarded-For", { group: "addresses" }, () => {
  keep(
    clientAddress(
      "10.0.0.1",
      "192.0.2.1, 10.0.0.2",
      trusted,
      "x-forwarded-for",
    ),
  );
});
Deno.bench("clientAddress() Forwarded", { group: "addresses" }, () => {
  const field = 'for="192.0.2.1:4711";proto=https;host="a.example"';
  keep(clientAddress("10.0.0.1", field, trusted, "forwarded"));
});

const AUTHORIZATION = "Basic YW5uOnNlY3JldA==";
Deno.bench("parseBasic()", { group: "credentials" }, () => {
  keep(parseBasic(AUTHORIZATION));
});
const credentials = new Credentials(
  "ann:$scrypt$ln=10,r=8,p=1$TmFDbE5hQ2xOYUNs$HUcaDXaOdVCl4WAhWMl3W6mp+YPODWocEtr71CsK2bQ",
);
Deno.bench("Credentials.recall()", { group: "credentials" }, () => {
  keep(credentials.recall("ann", "secret"));
});

const BYTES = new TextEncoder().encode(
  `GET / HTTP/1.1\r\nHost: localhost:8000\r\nAuthorization: ${AUTHORIZATION}\r\n\r\n`,
);
const HEAD = new ParsedHead();
HEAD.parse(BYTES, 0, BYTES.length);

const ROOT = () => "/";
const hosts = loopbackHosts();
const gates: readonly (readonly [string, Gate])[] = [
  ["no rules", new Gate({})],
  ["hosts", new Gate({ hosts })],
  ["hosts, lists, rate", new Gate({ hosts, requests, denied: networks })],
];
for (const [name, gate] of gates) {
  Deno.bench(`Gate.check() ${name}`, { group: "gate" }, () => {
    keep(gate.check(HEAD, "192.0.2.1", ROOT, NOW + turn++));
  });
}
