import { assertEquals } from "@std/assert";
import { HAS_NETWORK, testWith } from "../helpers.ts";
import { FindingCollector } from "../../lib/check/findings.ts";
import {
  askPublic,
  checkExternal,
  checkOne,
  EXTERNAL_REDIRECTS_MAX,
  type ExternalFetcher,
  isPublicAddress,
  PER_HOST_MAX,
  SILENT_MAX,
  TOGETHER_MAX,
  UncheckedError,
} from "../../lib/service/external_links.ts";

/** Answers by method and path, and what a link to /1 comes to. */
const LINKS: readonly (readonly [
  name: string,
  answers: (method: string, url: URL) => number | string,
  kind: string,
])[] = [
  ["a page", () => 200, "ok"],
  ["a server without HEAD", (method) => method === "HEAD" ? 405 : 200, "ok"],
  [
    "HEAD gets 404, GET does not",
    (method) => method === "HEAD" ? 404 : 200,
    "ok",
  ],
  ["nothing", () => 404, "dead"],
  ["gone", () => 410, "dead"],
  ["a server that refuses programs", () => 403, "unchecked"],
  ["too many requests", () => 429, "unchecked"],
  ["a server in trouble", () => 503, "unchecked"],
  [
    "a redirect to a page",
    (_, url) => url.pathname === "/1" ? "/2" : 200,
    "ok",
  ],
  [
    "a redirect to nothing",
    (_, url) => url.pathname === "/1" ? "/2" : 404,
    "dead",
  ],
  ["a circle", () => "/1", "dead"],
  ["a redirect to a program", () => "mailto:a@b.example", "ok"],
  ["a redirect to a file", () => "file:///etc/passwd", "dead"],
  ["a redirect to a script", () => "javascript:alert(1)", "dead"],
  ["an invalid redirect", () => "http://[", "dead"],
];

for (const [name, answers, kind] of LINKS) {
  Deno.test(`checkOne(): ${name} is ${kind}`, async () => {
    const ask: ExternalFetcher = (url, method) => {
      const answer = answers(method, url);
      return Promise.resolve(
        typeof answer === "number"
          ? { status: answer, location: undefined }
          : { status: 302, location: answer },
      );
    };
    const result = await checkOne(new URL("https://a.example/1"), ask);
    assertEquals(result.kind, kind as never);
  });
}

Deno.test("checkOne(): no connection is dead, no permission is unchecked", async () => {
  const failing = (error: Error): ExternalFetcher => () =>
    Promise.reject(error);
  const url = new URL("https://a.example/");
  assertEquals(
    (await checkOne(url, failing(new Error("refused")))).kind,
    "dead",
  );
  assertEquals(
    (await checkOne(url, failing(new UncheckedError("private")))).kind,
    "unchecked",
  );
});

Deno.test("checkOne() follows only so many redirects", async () => {
  let count = 0;
  await checkOne(
    new URL("https://a.example/"),
    () => Promise.resolve({ status: 302, location: `/${count++}` }),
  );
  assertEquals(count, EXTERNAL_REDIRECTS_MAX + 1);
});

Deno.test("checkExternal() bounds requests, and those to a host", async () => {
  const links = new Map(
    Array.from(
      { length: 400 },
      (_, index) =>
        [`https://${index % 20}.example/${index}`, { path: "/" }] as const,
    ),
  );
  const active = new Map<string, number>();
  let all = 0;
  const most = { host: 0, all: 0 };
  const findings = new FindingCollector();
  await checkExternal(links, findings, () => {}, async ({ host, pathname }) => {
    active.set(host, (active.get(host) ?? 0) + 1);
    all++;
    most.host = Math.max(most.host, active.get(host)!);
    most.all = Math.max(most.all, all);
    await new Promise((resolve) => setTimeout(resolve, 1));
    active.set(host, active.get(host)! - 1);
    all--;
    return { status: pathname === "/7" ? 404 : 200, location: undefined };
  });
  assertEquals([most.host, most.all], [PER_HOST_MAX, TOGETHER_MAX]);
  const [finding] = findings.result().groups;
  assertEquals(
    finding?.message,
    '"https://7.example/7": the server responds with 404',
  );
});

Deno.test("checkExternal() asks no more of a silent host", async () => {
  const links = new Map(
    Array.from(
      { length: 100 },
      (_, index) => [`https://a.example/${index}`, { path: "/" }] as const,
    ),
  );
  let asked = 0;
  const findings = new FindingCollector();
  await checkExternal(links, findings, () => {}, () => {
    asked++;
    return Promise.reject(new Error("no response in time"));
  });
  assertEquals(asked, SILENT_MAX * PER_HOST_MAX);
  const last = findings.result().groups.at(-1)!;
  assertEquals([last.rule, last.message, last.count], [
    "external-unchecked",
    '"a.example" did not respond to other links',
    100 - asked,
  ]);
});

Deno.test("checkExternal() ends in time", async () => {
  const links = new Map(
    Array.from(
      { length: 100 },
      (_, index) => [`https://a.example/${index}`, { path: "/" }] as const,
    ),
  );
  const findings = new FindingCollector();
  const ask: ExternalFetcher = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { status: 200, location: undefined };
  };
  await checkExternal(links, findings, () => {}, ask, 20);
  const [group] = findings.result().groups;
  assertEquals(
    group!.message,
    "time ran out before some links were checked",
  );
  assertEquals(group!.count > 50, true);
});

testWith(
  HAS_NETWORK,
  "checkExternal() follows no redirect into a private network",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const ask: ExternalFetcher = (url, method) =>
      url.host === "a.example"
        ? Promise.resolve({ status: 302, location: `http://127.0.0.1:${port}` })
        : askPublic(url, method);
    assertEquals(
      (await checkOne(new URL("https://a.example/"), ask)).kind,
      "unchecked",
    );
    listener.close();
    assertEquals(await Array.fromAsync(listener), []);
  },
);

/** Addresses, and whether they are of the public Internet. */
const ADDRESSES: readonly (readonly [address: string, isPublic: boolean])[] = [
  ["93.184.216.34", true],
  ["2606:2800:220:1:248:1893:25c8:1946", true],
  ["127.0.0.1", false],
  ["0.0.0.0", false],
  ["10.1.2.3", false],
  ["172.16.0.1", false],
  ["172.32.0.1", true],
  ["192.168.1.1", false],
  ["169.254.169.254", false],
  ["100.64.0.1", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["::1", false],
  ["::", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["::ffff:93.184.216.34", true],
  ["fc00::1", false],
  ["fe80::1", false],
  ["ff02::1", false],
  ["64:ff9b:1::1", false],
  ["64:ff9b::a00:1", false],
];

for (const [address, isPublic] of ADDRESSES) {
  Deno.test(`isPublicAddress() of ${address}: ${isPublic}`, () => {
    assertEquals(isPublicAddress(address), isPublic);
  });
}

for (
  const host of [
    "127.0.0.1",
    "[::1]",
    "169.254.169.254",
    "localhost",
    "a.localhost",
  ]
) {
  testWith(HAS_NETWORK, `checkExternal() asks nothing of ${host}`, async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const findings = new FindingCollector();
    const links = new Map([[`http://${host}:${port}/`, { path: "/a.html" }]]);
    await checkExternal(links, findings, () => {});
    const { groups } = findings.result();
    assertEquals(groups.map(({ rule }) => rule), ["external-unchecked"]);
    listener.close();
    assertEquals(await Array.fromAsync(listener), []);
  });
}
