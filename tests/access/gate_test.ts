import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Gate, type GateOptions, type Refusal } from "../../lib/access/gate.ts";
import { AllowedHosts } from "../../lib/access/hosts.ts";
import { RateLimit } from "../../lib/access/limits.ts";
import { Networks } from "../../lib/access/networks.ts";
import { FieldSection } from "../../lib/http/field_section.ts";
import { REASON_PHRASES } from "../../lib/http/status.ts";
import {
  ADDRESS,
  ANN,
  ask,
  basic,
  headWith,
  locked,
  NOBODY,
  NOW,
  WRONG,
} from "./gate.ts";
import { headOf } from "./head.ts";

const ROOT = () => "/";
const UNREADABLE = () => undefined;

Deno.test("Gate without rules lets everybody in, at once", () => {
  const gate = new Gate({});
  for (const head of [NOBODY, ANN, WRONG, headWith("x", "POST")]) {
    assertStrictEquals(gate.check(head, ADDRESS, ROOT, NOW), undefined);
    assertStrictEquals(gate.check(head, "-", UNREADABLE, NOW), undefined);
  }
  assertStrictEquals(gate.isProtected("/"), false);
  assertStrictEquals(gate.isProtected(undefined), false);
});

Deno.test("Gate refuses other hosts", async () => {
  const hosts = (name: string) => new Gate({ hosts: new AllowedHosts([name]) });
  assertStrictEquals(await ask(hosts("a.example")), undefined);
  assertStrictEquals(await ask(hosts("b.example")), "421 host");
  // The host in the target is the one that counts.
  const absolute = headOf(
    "GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
  );
  assertStrictEquals(await ask(hosts("a.example"), absolute), "421 host");
  assertStrictEquals(await ask(hosts("b.example"), absolute), undefined);
});

const LISTS: readonly [
  allowed: string[] | undefined,
  denied: string[] | undefined,
  address: string,
  answer: string | undefined,
][] = [
  [undefined, ["192.0.2.0/24"], ADDRESS, "403 denied"],
  [undefined, ["192.0.2.0/24"], `::ffff:${ADDRESS}`, "403 denied"],
  [undefined, ["192.0.2.0/24"], "192.0.3.1", undefined],
  [["192.0.2.0/24"], undefined, ADDRESS, undefined],
  [["192.0.2.0/24"], undefined, "192.0.3.1", "403 denied"],
  [["192.0.2.0/24"], undefined, "-", "403 denied"],
  [["192.0.2.0/24"], [ADDRESS], ADDRESS, "403 denied"],
  [[ADDRESS], ["192.0.2.0/24"], ADDRESS, "403 denied"],
];

for (const [allowed, denied, address, answer] of LISTS) {
  const name = `allow ${allowed ?? "-"}, deny ${denied ?? "-"}: ${address}`;
  Deno.test(`Gate with lists: ${name}`, async () => {
    const gate = new Gate({
      allowed: allowed && new Networks(allowed),
      denied: denied && new Networks(denied),
    });
    assertStrictEquals(await ask(gate, NOBODY, { address }), answer);
  });
}

Deno.test("Gate limits the requests of each address", () => {
  const gate = new Gate({ requests: new RateLimit({ rate: 0.2, burst: 2 }) });
  const check = (address: string) => gate.check(NOBODY, address, ROOT, NOW);
  assertStrictEquals(check(ADDRESS), undefined);
  assertStrictEquals(check(`::ffff:${ADDRESS}`), undefined);
  assertEquals(check(ADDRESS), {
    status: 429,
    fields: [["Retry-After", "5"]],
    cause: "rate",
  });
  assertStrictEquals(check("192.0.2.2"), undefined);
  // Of IPv6 addresses the /64.
  assertStrictEquals(check("2001:db8::1"), undefined);
  assertStrictEquals(check("2001:db8::2"), undefined);
  assert(check("2001:db8::3") !== undefined);
  assertStrictEquals(check("2001:db8:0:1::3"), undefined);
});

Deno.test("Gate asks for a name and a password", async () => {
  const gate = locked();
  assertEquals(await gate.check(NOBODY, ADDRESS, ROOT, NOW), {
    status: 401,
    fields: [[
      "WWW-Authenticate",
      'Basic realm="skiff", charset="UTF-8"',
    ]],
    cause: "unauthenticated",
  });
  assertStrictEquals(await ask(gate, ANN), undefined);
  assertStrictEquals(gate.check(ANN, ADDRESS, ROOT, NOW), undefined);
  assertStrictEquals(await ask(gate, WRONG), "401 unauthenticated");
  const bob = headWith(basic("bob", "secret"));
  assertStrictEquals(await ask(gate, bob), "401 unauthenticated");
});

const NO_CREDENTIALS: readonly string[] = [
  "",
  "Basic",
  "Bearer abc",
  "Basic !",
  "Basic YW5u",
  `${basic("ann", "secret")}, ${basic("ann", "secret")}`,
];

for (const field of NO_CREDENTIALS) {
  Deno.test(`Gate takes "${field}" for no credentials, and for no guess`, async () => {
    const gate = locked();
    for (let i = 0; i < 20; i++) {
      assertStrictEquals(
        await ask(gate, headWith(field)),
        "401 unauthenticated",
      );
    }
    assertStrictEquals(await ask(gate, ANN), undefined);
  });
}

Deno.test("Gate protects only what is to be protected", async () => {
  const gate = locked({ isProtected: (path) => path.startsWith("/private/") });
  assertStrictEquals(await ask(gate, NOBODY, { path: "/" }), undefined);
  assertStrictEquals(await ask(gate, WRONG, { path: "/" }), undefined);
  const refused = await ask(gate, NOBODY, { path: "/private/a" });
  assertStrictEquals(refused, "401 unauthenticated");
  assertStrictEquals(gate.isProtected("/private/"), true);
  assertStrictEquals(gate.isProtected("/"), false);
  // What cannot be read might be anything.
  assertStrictEquals(gate.isProtected(undefined), true);
  const { status } = await gate.check(NOBODY, ADDRESS, UNREADABLE, NOW) ?? {};
  assertStrictEquals(status, 401);
});

Deno.test("Gate exempts OPTIONS from authentication and from nothing else", async () => {
  const head = headWith(undefined, "OPTIONS");
  assertStrictEquals(await ask(locked(), head), undefined);
  assertStrictEquals(
    await ask(locked(), headWith(undefined, "options")),
    "401 unauthenticated",
  );
  const others: readonly (readonly [GateOptions, string])[] = [
    [{ hosts: new AllowedHosts(["b.example"]) }, "421 host"],
    [{ denied: new Networks([ADDRESS]) }, "403 denied"],
  ];
  for (const [options, answer] of others) {
    assertStrictEquals(await ask(locked(options), head), answer);
  }
  const limited = locked({ requests: new RateLimit({ rate: 1, burst: 1 }) });
  assertStrictEquals(await ask(limited, head), undefined);
  assertStrictEquals(await ask(limited, head), "429 rate");
});

Deno.test("Gate keeps to its order", async () => {
  const requests = new RateLimit({ rate: 1, burst: 1 });
  const all: GateOptions = {
    hosts: new AllowedHosts(["b.example"]),
    denied: new Networks([ADDRESS]),
    requests,
  };
  assertStrictEquals(await ask(locked(all)), "421 host");
  assertStrictEquals(
    await ask(locked({ ...all, hosts: undefined })),
    "403 denied",
  );
  // What was refused before does not count.
  const gate = locked({ requests });
  assertStrictEquals(await ask(gate), "401 unauthenticated");
  assertStrictEquals(await ask(gate, ANN), "429 rate");
});

Deno.test("Gate pauses an address that fails, and nobody else", async () => {
  const gate = locked();
  for (let i = 0; i < 5; i++) {
    const head = headWith(basic("ann", `guess ${i}`));
    assertStrictEquals(await ask(gate, head), "401 unauthenticated");
  }
  assertEquals(await gate.check(WRONG, ADDRESS, ROOT, NOW), {
    status: 429,
    fields: [["Retry-After", "2"]],
    cause: "paused",
  });
  // Not even the right one, be it known from before: else one could go on guessing.
  assertStrictEquals(
    await ask(gate, ANN, { address: "192.0.2.2" }),
    undefined,
  );
  assertStrictEquals(await ask(gate, ANN), "429 paused");
  assertStrictEquals(await ask(gate, NOBODY), "401 unauthenticated");
  // After two seconds one more may be tried.
  const later = { now: NOW + 2000 };
  assertStrictEquals(await ask(gate, WRONG, later), "401 unauthenticated");
  assertStrictEquals(await ask(gate, ANN, later), "429 paused");
  assertStrictEquals(await ask(gate, ANN, { now: NOW + 4000 }), undefined);
});

Deno.test("Gate counts guesses that are made at once", async () => {
  const gate = locked();
  const answers = Array.from(
    { length: 30 },
    (_, i) =>
      gate.check(headWith(basic("ann", `guess ${i}`)), ADDRESS, ROOT, NOW),
  );
  assertStrictEquals(
    answers.filter((answer) => answer instanceof Promise).length,
    5,
  );
  const causes = (await Promise.all(answers)).map((answer) => answer?.cause);
  assertStrictEquals(causes.filter((c) => c === "unauthenticated").length, 5);
  assertStrictEquals(causes.filter((c) => c === "paused").length, 25);
  assertStrictEquals(await ask(gate, ANN), "429 paused");
});

Deno.test("Gate lets a browser ask for many things at once", async () => {
  const gate = locked();
  const right = Array.from({ length: 30 }, () => ask(gate, ANN));
  assert((await Promise.all(right)).every((answer) => answer === undefined));
  // The same wrong password at once is one failure.
  const wrong = await Promise.all(
    Array.from({ length: 30 }, () => ask(gate, WRONG)),
  );
  assert(wrong.every((answer) => answer === "401 unauthenticated"));
  assertStrictEquals(await ask(gate, ANN), undefined);
  for (let i = 0; i < 4; i++) {
    assertStrictEquals(await ask(gate, WRONG), "401 unauthenticated");
  }
  assertStrictEquals(await ask(gate, ANN), "429 paused");
});

Deno.test("Gate's refusals can be sent", async () => {
  const gate = locked();
  const refusals: (Refusal | undefined)[] = [
    await gate.check(NOBODY, ADDRESS, ROOT, NOW),
    await new Gate({ denied: new Networks([ADDRESS]) })
      .check(NOBODY, ADDRESS, ROOT, NOW),
  ];
  for (const refusal of refusals) {
    assert(refusal !== undefined);
    assert(REASON_PHRASES[refusal.status] !== undefined);
    assert(new FieldSection(refusal.fields).lines.length >= 0);
  }
});
