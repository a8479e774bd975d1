import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { checkPlan } from "../../lib/service/site_handler.ts";
import { UsageError } from "../../lib/cli/options.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { StartError } from "../../lib/service/startup.ts";
import { keyPairPaths } from "../../lib/service/certificates.ts";
import { Reloader } from "../../lib/service/reload.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
import { CA, EXPIRED, FIRST, FIRST_KEY, SECOND, SECOND_KEY } from "./pairs.ts";
import { Stage } from "./reload_stage.ts";

testWith(
  HAS_FILES,
  "readPlan() comes to the same plan when nothing has changed",
  async () => {
    using stage = await Stage.open({ listing: false });
    assertEquals(await stage.next(), {
      plan: stage.first,
      problems: [],
      warnings: [],
    });
    // Limits and metrics go on in the same memory.
    assertStrictEquals((await stage.next()).plan.memory, stage.first.memory);
  },
);

testWith(HAS_FILES, "readPlan() follows what has changed", async () => {
  using stage = await Stage.open({ authFile: "who" });
  stage.directory.write("who", `# changed\n${ANN_LINE}`);
  stage.configure({
    authFile: "who",
    listing: false,
    deny: ["10.0.0.0/8"],
  });
  const { plan, warnings } = await stage.next();
  assertEquals(warnings, []);
  assertEquals(plan.options.listing, false);
  assertEquals(plan.options.deny, ["10.0.0.0/8"]);
  assertEquals(plan.credentials, `# changed\n${ANN_LINE}`);
  assertEquals(stage.first.credentials, ANN_LINE);
});

testWith(
  HAS_FILES,
  "readPlan() names what only a restart changes, each time until it is so",
  async () => {
    using stage = await Stage.open();
    const requested = {
      port: 9,
      host: "0.0.0.0",
      log: "json",
      workers: 3,
      listing: false,
    };
    stage.configure(requested);
    const expected = ["Only a restart will change host, port, log, workers"];
    const { plan, warnings } = await stage.next();
    assertEquals(warnings, expected);
    const { options, isolates } = plan;
    // What goes with them does not change either: this is still reached by loopback alone.
    assertEquals([options.host, options.port, options.log], [
      "127.0.0.1",
      undefined,
      "auto",
    ]);
    assertEquals([options.listing, options.workers, isolates], [false, 1, 1]);
    const again = await stage.next(plan);
    assertEquals(again.warnings, expected);
    stage.configure({ listing: false });
    assertEquals((await stage.next(again.plan)).warnings, []);
  },
);

testWith(
  HAS_FILES,
  "readPlan() follows rules in which no more is wrong than was before, and tells that",
  async () => {
    using stage = await Stage.open();
    const write = (text: string) =>
      stage.directory.write("site/_redirects", text);
    write("/a /b 301\nnonsense\n");
    await assertRejects(() => stage.next(), PlanError, "_redirects:2: ");
    const served = checkPlan(stage.first);
    write("/a /b 301\n/c /d 301\nnonsense\n");
    const { plan, problems, warnings } = await stage.next(stage.first, served);
    assertEquals(warnings, problems);
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0]!, /^_redirects:3: /);
    write("nonsense\nelse /x y z\nmore\n");
    const error = await assertRejects(
      () => stage.next(plan, problems),
      PlanError,
    );
    assertMatch(error.message, /^_redirects:2: .* \(and 1 more\)$/);
  },
);

/** Changes that cannot be followed, and what is said of them. */
const BROKEN: readonly (readonly [
  name: string,
  change: (stage: Stage) => void,
  kind: new (...args: never[]) => Error,
  message: RegExp,
])[] = [
  ["no JSON", (s) => s.configure("{\n  oops\n}"), UsageError, /skiff\.json:2/],
  [
    "an unknown key",
    (s) => s.configure('{\n  "prot": 1\n}'),
    UsageError,
    /skiff\.json:2.*port/,
  ],
  ["half a file", (s) => s.configure("{"), UsageError, /skiff\.json:1/],
  [
    "a wrong network",
    (s) => s.configure({ deny: ["x"] }),
    UsageError,
    /skiff\.json:\d.*"x"/,
  ],
  [
    "a wrong pattern",
    (s) => s.configure({ authFile: "who", authPaths: ["/a?b"] }),
    PlanError,
    /--auth-paths.*"\/a\?b"/,
  ],
  [
    "a wrong auth file",
    (s) => s.directory.write("who", "ann:secret"),
    PlanError,
    /who: Cannot use line 1/,
  ],
  [
    "no auth file",
    (s) => Deno.removeSync(s.directory.join("who")),
    StartError,
    /who" \(--auth-file\): it does not exist/,
  ],
  [
    "no root",
    (s) => Deno.removeSync(s.directory.join("site"), { recursive: true }),
    StartError,
    /site": it does not exist/,
  ],
  [
    "another's key",
    (s) => s.directory.write("a.key", SECOND_KEY),
    StartError,
    /it belongs to another certificate/,
  ],
  [
    "half a certificate",
    (s) => s.directory.write("a.pem", FIRST.slice(0, 200)),
    StartError,
    /a\.pem" as a certificate/,
  ],
  [
    "no certificate",
    (s) => Deno.removeSync(s.directory.join("a.pem")),
    StartError,
    /--tls-cert/,
  ],
];

for (const [name, change, kind, message] of BROKEN) {
  testWith(
    HAS_FILES,
    `readPlan() says why a change cannot be followed: ${name}`,
    async () => {
      using stage = await Stage.open({
        authFile: "who",
        tlsCert: "a.pem",
        tlsKey: "a.key",
      });
      const before = structuredClone({ ...stage.first, memory: 0 });
      change(stage);
      const error = await assertRejects(() => stage.next(), kind);
      assertMatch(error.message, message);
      assertEquals<unknown>({ ...stage.first, memory: 0 }, before);
    },
  );
}

const TLS = { tlsCert: "a.pem", tlsKey: "a.key" };

testWith(
  HAS_FILES,
  "readPlan() reads the key pair that is named now",
  async () => {
    using stage = await Stage.open(TLS);
    stage.directory.write("a.pem", SECOND);
    stage.directory.write("a.key", SECOND_KEY);
    const { plan } = await stage.next();
    assertEquals(plan.keyPair, { cert: SECOND, key: SECOND_KEY });
    stage.configure({ tlsCert: "b.pem", tlsKey: "b.key" });
    stage.directory.write("b.pem", FIRST);
    stage.directory.write("b.key", FIRST_KEY);
    const { keyPair, options } = (await stage.next(plan)).plan;
    assertEquals(keyPair, { cert: FIRST, key: FIRST_KEY });
    const paths = ["b.pem", "b.key"].map((name) => stage.directory.join(name));
    assertEquals(keyPairPaths(options), paths);
  },
);

testWith(
  HAS_FILES,
  "readPlan() says that TLS comes and goes with a restart only",
  async () => {
    const expected = ["Only a restart will change tlsCert, tlsKey"];
    using plain = await Stage.open();
    plain.configure(TLS);
    const { plan, warnings } = await plain.next();
    assertEquals(warnings, expected);
    assertEquals([plan.keyPair, keyPairPaths(plan.options)], [undefined, []]);

    using secure = await Stage.open(TLS);
    secure.configure({});
    const without = await secure.next();
    assertEquals(without.warnings, expected);
    assertEquals(without.plan.keyPair, secure.first.keyPair);
    assertEquals((await secure.next(without.plan)).warnings, expected);
  },
);

/** A reloader over a stage, with all that comes of it in order. */
function reloaderOver(
  stage: Stage,
  refuse = false,
  warnings: readonly string[] = [],
) {
  const events: string[] = [];
  const accept = (event: string) => {
    if (refuse) throw new Error("the service refuses it");
    events.push(event);
  };
  const reloader = new Reloader(stage.first, {
    source: { args: stage.args, home: "/home" },
    service: {
      warnings,
      reload: (plan) => accept(`reload listing=${plan.options.listing}`),
      renew: ({ cert }) => accept(`renew ${cert === SECOND}`),
    },
    onPlan: (plan) => events.push(`plan with ${plan.keyPair?.cert === SECOND}`),
    say: (text) => events.push(text.trimEnd()),
  });
  return { reloader, events };
}

testWith(
  HAS_FILES,
  "Reloader reloads the service, then tells others of the plan",
  async () => {
    using stage = await Stage.open();
    const { reloader, events } = reloaderOver(stage);
    stage.configure({ listing: false, port: 9 });
    await reloader.reload();
    assertEquals(events, [
      "skiff: Only a restart will change port",
      "reload listing=false",
      "plan with false",
      "Reloaded",
    ]);
    assertEquals(reloader.plan.options.listing, false);
  },
);

testWith(
  HAS_FILES,
  "Reloader keeps what was served when a change is invalid, or the service refuses it",
  async () => {
    for (
      const [refuse, config, reason] of [
        [false, { deny: ["x"] }, "skiff.json:"],
        [true, {}, "the service refuses it"],
      ] as const
    ) {
      using stage = await Stage.open();
      const { reloader, events } = reloaderOver(stage, refuse);
      stage.configure(config);
      await reloader.reload();
      assertEquals(events.length, 1);
      assertMatch(events[0]!, /^skiff: Nothing was reloaded: /);
      assertStringIncludes(events[0]!, reason);
      assertStrictEquals(reloader.plan, stage.first);
    }
  },
);

testWith(
  HAS_FILES,
  "Reloader takes a known problem of rules, but not again once it was mended",
  async () => {
    using stage = await Stage.open();
    stage.directory.write("site/_redirects", "nonsense\n");
    const known = checkPlan(stage.first);
    const { reloader, events } = reloaderOver(stage, false, known);
    const last = async (text: string) => {
      stage.directory.write("site/_redirects", text);
      await reloader.reload();
      return events.at(-1)!;
    };
    assertEquals(await last("nonsense\n"), "Reloaded");
    assertEquals(await last(""), "Reloaded");
    assertMatch(
      await last("nonsense\n"),
      /^skiff: Nothing was reloaded: _redirects/,
    );
  },
);

testWith(HAS_FILES, "Reloader renews the key pair alone", async () => {
  using stage = await Stage.open(TLS);
  const { reloader, events } = reloaderOver(stage);
  stage.configure({ ...TLS, listing: false });
  // Written again with the same text.
  stage.directory.write("a.pem", FIRST);
  await reloader.renew();
  assertEquals(events, []);
  stage.directory.write("a.pem", SECOND);
  await reloader.renew();
  const [failure] = events.splice(0);
  assertMatch(failure!, /^skiff: The certificate was not reloaded: .*another/);
  assertStrictEquals(reloader.plan, stage.first);
  stage.directory.write("a.key", SECOND_KEY);
  await reloader.renew();
  assertEquals(events, [
    "renew true",
    "plan with true",
    "The certificate was reloaded",
  ]);
  const keyPair = { cert: SECOND, key: SECOND_KEY };
  assertEquals(reloader.plan, { ...stage.first, keyPair });
  // A chain that has grown is another pair, too.
  events.length = 0;
  stage.directory.write("a.pem", SECOND + CA);
  await reloader.renew();
  assertEquals(events.length, 3);
  using plain = await Stage.open();
  const without = reloaderOver(plain);
  await without.reloader.renew();
  assertEquals(without.events, []);
});

testWith(
  HAS_FILES,
  "a certificate that has expired is used, with a warning",
  async () => {
    using stage = await Stage.open(TLS);
    stage.directory.write("a.pem", EXPIRED);
    const expired =
      /^(skiff: )?The certificate ".*a\.pem" expired on Jan .*2021/;
    const { plan, warnings } = await stage.next();
    assertEquals(plan.keyPair?.cert, EXPIRED);
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0]!, expired);
    const { reloader, events } = reloaderOver(stage);
    await reloader.renew();
    assertMatch(events[0]!, expired);
    assertEquals(reloader.plan.keyPair?.cert, EXPIRED);
  },
);

testWith(
  HAS_FILES,
  "Reloader says which release is served when it is another one, or has another name",
  async () => {
    using stage = await Stage.open();
    const { reloader, events } = reloaderOver(stage);
    const messageFor = async (...names: readonly string[]) => {
      events.length = 0;
      await reloader.changeReleases((plan) => {
        const all = names.map((name) => ({
          ...plan,
          name,
          identity: name.replace("renamed", "v2"),
        }));
        const releases = { all, since: 0, refused: [] };
        return Promise.resolve({
          plan: { ...plan, releases },
          problems: [],
          warnings: [],
        });
      });
      return events.slice(2);
    };
    assertEquals(await messageFor("v2", "v1"), ['Serving release "v2"']);
    assertEquals(await messageFor("v2"), []);
    assertEquals(await messageFor("renamed"), ['Serving release "renamed"']);
    events.length = 0;
    await reloader.changeReleases(() => Promise.resolve(undefined));
    assertEquals(events, []);
  },
);
