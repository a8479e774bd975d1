import { assertLess, assertStrictEquals } from "@std/assert";
import {
  clientAddress,
  forwardedAddress,
  HOPS_MAX,
} from "../../lib/access/forwarded.ts";
import { Networks } from "../../lib/access/networks.ts";
import { headOf } from "./head.ts";

const TRUSTED = new Networks(["10.0.0.0/8", "2001:db8:ffff::/48"]);
const PEER = "10.0.0.1";

/** Forwarded → client, from a trusted peer. */
const FORWARDED: Readonly<
  Record<string, readonly [field: string, client: string]>
> = {
  "one address": ["for=192.0.2.43", "192.0.2.43"],
  "any case": ["For=192.0.2.43;PROTO=http", "192.0.2.43"],
  "other parameters first": [
    "by=203.0.113.43;host=a.example;for=192.0.2.43",
    "192.0.2.43",
  ],
  "a quoted address with a port": ['for="192.0.2.43:47011"', "192.0.2.43"],
  "a quoted IPv6 address": ['for="[2001:db8::1]"', "2001:db8::1"],
  "an IPv6 address with a port": ['for="[2001:db8::1]:4711"', "2001:db8::1"],
  "a hidden port": ['for="[2001:DB8::1]:_gazonk"', "2001:db8::1"],
  "a mapped address": ['for="[::ffff:192.0.2.43]"', "192.0.2.43"],
  "the last of a list": [
    "for=198.51.100.1, for=192.0.2.43",
    "192.0.2.43",
  ],
  "past trusted proxies": [
    "for=198.51.100.1, for=192.0.2.43, for=10.2.2.2,for=10.3.3.3",
    "192.0.2.43",
  ],
  "past trusted proxies of both families": [
    'for=192.0.2.43, for="[2001:db8:ffff::1]:80", for=10.3.3.3',
    "192.0.2.43",
  ],
  "only trusted proxies": ["for=10.1.1.1, for=10.2.2.2", "10.1.1.1"],
  "a hidden node": ["for=192.0.2.43, for=_hidden", PEER],
  "a hidden node behind a proxy": [
    "for=_SEVKISEK, for=10.2.2.2",
    "10.2.2.2",
  ],
  "an unknown node": ["for=unknown, for=10.2.2.2", "10.2.2.2"],
  "no field value": ["", PEER],
  "empty elements": [", ,for=192.0.2.43 ,\t,", "192.0.2.43"],
  "an element without for": ["for=192.0.2.43, proto=https", PEER],
  "for twice": ["for=192.0.2.43;for=192.0.2.44", PEER],
  "a quoted comma": [
    'for=192.0.2.43;host="a, for=198.51.100.1"',
    "192.0.2.43",
  ],
  "a quoted semicolon": [
    'host="a;for=198.51.100.1";for=192.0.2.43',
    "192.0.2.43",
  ],
  "an escaped quote": [
    'for=192.0.2.43;host="a\\", for=198.51.100.1, x=\\""',
    "192.0.2.43",
  ],
  "an escaped backslash before the end": [
    'for=192.0.2.43;host="a\\\\"',
    "192.0.2.43",
  ],
  "an unclosed quote on the left": [
    'for="198.51.100.1, for=192.0.2.43',
    "192.0.2.43",
  ],
  "an unclosed quote with a backslash on the left": [
    'for="198.51.100.1\\, for=192.0.2.43, for=10.1.1.1',
    "192.0.2.43",
  ],
  "an opening quote on the left and one on the right": [
    'host=", for=192.0.2.43;host="a"',
    "192.0.2.43",
  ],
  "an unclosed quote on the right": ['for=192.0.2.43, for="', PEER],
  "a quote inside a token": ['for=192.0.2.43"x"', PEER],
  "spaces around the equals sign": ["for = 192.0.2.43", PEER],
  "an unquoted port": ["for=192.0.2.43:80", PEER],
  "unquoted brackets": ["for=[2001:db8::1]", PEER],
  "brackets without an end": ['for="[2001:db8::1"', PEER],
  "IPv4 in brackets": ['for="[192.0.2.43]"', PEER],
  "a long port": ['for="192.0.2.43:' + "1".repeat(100) + '"', PEER],
  "no address": ["for=example.com", PEER],
  "a number": ["for=3221226027", PEER],
  "garbage behind trusted proxies": [
    "for=192.0.2.43, \x80\xff;;=, for=10.2.2.2",
    "10.2.2.2",
  ],
  "X-Forwarded-For's form": ["192.0.2.43", PEER],
};

for (const [name, [field, client]] of Object.entries(FORWARDED)) {
  Deno.test(`clientAddress() reads Forwarded: ${name}`, () => {
    assertStrictEquals(
      clientAddress(PEER, field, TRUSTED, "forwarded"),
      client,
    );
    // What stands on the left is anybody's, and changes nothing.
    for (const left of ["for=198.51.100.9", '"', "\\", '\\"', ",", "for=_x"]) {
      if (client === PEER || client.startsWith("10.")) continue;
      assertStrictEquals(
        clientAddress(PEER, `${left}, ${field}`, TRUSTED, "forwarded"),
        client,
        left,
      );
    }
  });
}

/** X-Forwarded-For → client, from a trusted peer. */
const X_FORWARDED_FOR: Readonly<
  Record<string, readonly [field: string, client: string]>
> = {
  "one address": ["192.0.2.43", "192.0.2.43"],
  "the last of a list": ["198.51.100.1, 192.0.2.43", "192.0.2.43"],
  "past trusted proxies": ["8.8.8.8,192.0.2.43 , 10.2.2.2", "192.0.2.43"],
  "only trusted proxies": ["10.1.1.1, 10.2.2.2", "10.1.1.1"],
  "a port": ["192.0.2.43:4711", "192.0.2.43"],
  "an IPv6 address": ["2001:db8::1", "2001:db8::1"],
  "an IPv6 address in brackets": ["[2001:db8::1]", "2001:db8::1"],
  "an IPv6 address with a port": ["[2001:db8::1]:80", "2001:db8::1"],
  "a zone": ["fe80::1%eth0", "fe80::1"],
  "a mapped address": ["::ffff:192.0.2.43", "192.0.2.43"],
  "a mapped trusted proxy": ["192.0.2.43, ::ffff:10.1.1.1", "192.0.2.43"],
  "an empty value": ["", PEER],
  "commas": [",,,", PEER],
  "unknown": ["192.0.2.43, unknown", PEER],
  "a name": ["192.0.2.43, localhost", PEER],
  "quotes": ['"192.0.2.43"', PEER],
  "garbage on the left": ['\x80", [, 192.0.2.43', "192.0.2.43"],
  "garbage on the right": ["192.0.2.43, [, 10.1.1.1", "10.1.1.1"],
  "Forwarded's form": ["for=192.0.2.43", PEER],
};

for (const [name, [field, client]] of Object.entries(X_FORWARDED_FOR)) {
  Deno.test(`clientAddress() reads X-Forwarded-For: ${name}`, () => {
    assertStrictEquals(
      clientAddress(PEER, field, TRUSTED, "x-forwarded-for"),
      client,
    );
  });
}

Deno.test("clientAddress() believes nobody who is not trusted", () => {
  for (const peer of ["192.0.2.1", "2001:db8::1", "-", ""]) {
    for (const trusted of [TRUSTED, new Networks([])]) {
      const forwarded = clientAddress(
        peer,
        "for=10.9.9.9",
        trusted,
        "forwarded",
      );
      assertStrictEquals(forwarded, peer);
      const old = clientAddress(peer, "10.9.9.9", trusted, "x-forwarded-for");
      assertStrictEquals(old, peer);
    }
  }
});

Deno.test("clientAddress() trusts a peer in IPv6 form as in IPv4 form", () => {
  const client = clientAddress(
    "::ffff:10.0.0.1",
    "192.0.2.43",
    TRUSTED,
    "x-forwarded-for",
  );
  assertStrictEquals(client, "192.0.2.43");
});

Deno.test("clientAddress() follows no more proxies than it must", () => {
  const proxies = Array.from({ length: 1000 }, (_, i) => `10.1.${i >> 8}.1`);
  const field = ["192.0.2.43", ...proxies].join(",");
  assertStrictEquals(
    clientAddress(PEER, field, TRUSTED, "x-forwarded-for"),
    proxies.at(-HOPS_MAX)!,
  );
});

Deno.test("clientAddress() takes no more than linear time", () => {
  const pieces = ['"', "\\", '\\"', '"\\', ",", ";", "for=", " ", "[", ":"];
  pieces.push('for="', '",for="', ";for=a", '="', "a", "1.1.1.1:");
  const start = performance.now();
  for (const piece of pieces) {
    const field = piece.repeat(Math.ceil(1_000_000 / piece.length));
    for (const end of ["", '"', ",for=10.1.1.1", ',for="x']) {
      clientAddress(PEER, field + end, TRUSTED, "forwarded");
      clientAddress(PEER, field + end, TRUSTED, "x-forwarded-for");
    }
  }
  // Squared it would be hours.
  assertLess(performance.now() - start, 30_000);
});

Deno.test("forwardedAddress() reads the field that proxies write, and not the other", () => {
  const ask = "GET / HTTP/1.1\r\nHost: a\r\n";
  const lists = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.43";
  const head = headOf(`${ask}${lists}\r\n\r\n`);
  const old = "x-forwarded-for";
  assertStrictEquals(forwardedAddress(head, PEER, TRUSTED, old), "192.0.2.43");
  assertStrictEquals(forwardedAddress(head, PEER, TRUSTED, "forwarded"), PEER);
  assertStrictEquals(
    forwardedAddress(head, "192.0.2.9", TRUSTED, old),
    "192.0.2.9",
  );
  assertStrictEquals(forwardedAddress(head, PEER, new Networks([]), old), PEER);
  const bare = headOf(`${ask}\r\n`);
  assertStrictEquals(forwardedAddress(bare, PEER, TRUSTED, old), PEER);
  const both = headOf(`${ask}${lists}\r\nForwarded: for=192.0.2.7\r\n\r\n`);
  assertStrictEquals(
    forwardedAddress(both, PEER, TRUSTED, "forwarded"),
    "192.0.2.7",
  );
  assertStrictEquals(forwardedAddress(both, PEER, TRUSTED, old), "192.0.2.43");
});
