import {
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { checkPlan } from "../../lib/service/site_handler.ts";
import { resolveSettings } from "../../lib/cli/settings.ts";
import { UsageError } from "../../lib/cli/options.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { StartError } from "../../lib/service/startup.ts";
import {
  buildPlan,
  isolateCount,
  readSources,
  sharedMemory,
} from "../../lib/service/sources.ts";
import {
  FIRST_VERSIONS,
  keyPairOf,
  keyPairPaths,
  nextTask,
  renewedTask,
  type Task,
} from "../../lib/service/task.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { CA, EXPIRED, FIRST, FIRST_KEY, SECOND, SECOND_KEY } from "./pairs.ts";

/** A task as it is made from files, and what becomes of it. */
class Stage implements Disposable {
  readonly directory: TemporaryDirectory;
  readonly args: readonly string[];
  readonly first: Task;

  constructor(config: unknown = {}) {
    this.directory = new TemporaryDirectory({
      "site/a.txt": "a",
      "other/b.txt": "b",
      "who": ANN_LINE,
      "a.pem": FIRST,
      "a.key": FIRST_KEY,
    });
    this.configure(config);
    this.args = [this.directory.join("site")];
    const { options } = resolveSettings(readSources(this.args));
    const plan = buildPlan(
      options,
      "/home",
      sharedMemory(isolateCount(options)),
    );
    const { tls } = keyPairOf(plan);
    this.first = {
      ...FIRST_VERSIONS,
      plan,
      tls,
      problems: [],
      hostname: "127.0.0.1",
      port: 7,
    };
  }

  configure(config: unknown): void {
    const text = typeof config === "string"
      ? config
      : JSON.stringify(config, null, 1);
    this.directory.write("skiff.json", text);
  }

  next(task = this.first) {
    return nextTask(task, this.args, "/home");
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}

testWith(
  HAS_FILES,
  "nextTask() goes on where the task was, when nothing has changed",
  () => {
    using stage = new Stage({ listing: false });
    const { task, remarks } = stage.next();
    assertEquals(remarks, []);
    assertEquals({ ...task, planVersion: 0 }, stage.first);
    assertEquals(task.planVersion, 1);
    // Limits and figures go on in the same memory.
    assertStrictEquals(task.plan.memory, stage.first.plan.memory);
    assertEquals(stage.next(task).task.planVersion, 2);
  },
);

testWith(HAS_FILES, "nextTask() follows what has changed", () => {
  using stage = new Stage({ authFile: "who" });
  stage.directory.write("who", `# changed\n${ANN_LINE}`);
  stage.configure({
    authFile: "who",
    listing: false,

    deny: ["10.0.0.0/8"],
  });
  const { task, remarks } = stage.next();
  assertEquals(remarks, []);
  const { plan } = task;
  assertEquals([plan.options.listing, plan.options.deny], [false, [
    "10.0.0.0/8",
  ]]);
  assertEquals(plan.credentials, `# changed\n${ANN_LINE}`);
  assertEquals(stage.first.plan.credentials, ANN_LINE);
  assertEquals(task.tlsVersion, 0);
});

testWith(
  HAS_FILES,
  "nextTask() names what only a restart changes, each time until it is so",
  () => {
    using stage = new Stage();
    const requested = {
      port: 9,
      host: "0.0.0.0",
      log: "json",
      workers: 3,
      listing: false,
    };
    stage.configure(requested);
    const expected = ["Only a restart will change host, port, log, workers"];
    const { task, remarks } = stage.next();
    assertEquals(remarks, expected);
    const { options, isolates } = task.plan;
    // What goes with them does not change either: this is still reached by loopback alone.
    assertEquals([options.host, options.port, options.log], [
      "127.0.0.1",
      undefined,
      "common",
    ]);
    assertEquals([options.listing, options.workers, isolates], [false, 1, 1]);
    const again = stage.next(task);
    assertEquals(again.remarks, expected);
    stage.configure({ listing: false });
    assertEquals(stage.next(again.task).remarks, []);
  },
);

testWith(
  HAS_FILES,
  "nextTask() follows rules in which no more is wrong than was before, and tells that",
  () => {
    using stage = new Stage();
    const write = (text: string) =>
      stage.directory.write("site/_redirects", text);
    write("/a /b 301\nnonsense\n");
    assertThrows(() => stage.next(), PlanError, "_redirects:2: ");
    const served = {
      ...stage.first,
      problems: checkPlan(stage.first.plan),
    };
    write("/a /b 301\n/c /d 301\nnonsense\n");
    const { task, remarks } = stage.next(served);
    assertEquals(task.planVersion, 1);
    assertEquals(remarks.length, 1);
    assertMatch(remarks[0]!, /^_redirects:3: /);
    write("nonsense\nelse /x y z\nmore\n");
    const error = assertThrows(() => stage.next(task), PlanError);
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
  [
    "half a file",
    (s) => s.configure('{ "listing": fal'),
    UsageError,
    /skiff\.json:1/,
  ],
  [
    "a wrong network",
    (s) => s.configure({ deny: ["x"] }),
    UsageError,
    /skiff\.json:\d.*"x"/,
  ],
  [
    "a wrong pattern",
    (s) => s.configure({ authFile: "who", authPaths: ["/*/*"] }),
    PlanError,
    /--auth-paths.*"\/\*\/\*"/,
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
    /it is another certificate's/,
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
    `nextTask() says why a change cannot be followed: ${name}`,
    () => {
      using stage = new Stage({
        authFile: "who",
        tlsCert: "a.pem",
        tlsKey: "a.key",
      });
      const before = structuredClone({
        ...stage.first,
        plan: { ...stage.first.plan, memory: 0 },
      });
      change(stage);
      const error = assertThrows(() => stage.next(), kind);
      assertMatch(error.message, message);
      assertEquals(
        { ...stage.first, plan: { ...stage.first.plan, memory: 0 } },
        before,
      );
    },
  );
}

const TLS = { tlsCert: "a.pem", tlsKey: "a.key" };

testWith(
  HAS_FILES,
  "nextTask() takes another key pair, and notices when it is the same",
  () => {
    using stage = new Stage(TLS);
    assertEquals(stage.next().task.tlsVersion, 0);
    // Written anew, but what it was.
    stage.directory.write("a.pem", FIRST);
    assertEquals(stage.next().task.tlsVersion, 0);
    stage.directory.write("a.pem", SECOND);
    stage.directory.write("a.key", SECOND_KEY);
    const { task } = stage.next();
    assertEquals([task.tlsVersion, task.tls?.cert, task.tls?.key], [
      1,
      SECOND,
      SECOND_KEY,
    ]);
    // A chain that has grown is another pair, too.
    stage.directory.write("a.pem", SECOND + CA);
    assertEquals(stage.next(task).task.tlsVersion, 2);
    stage.configure({ tlsCert: "b.pem", tlsKey: "b.key" });
    stage.directory.write("b.pem", FIRST);
    stage.directory.write("b.key", FIRST_KEY);
    const other = stage.next(task).task;
    assertEquals([other.tlsVersion, other.tls?.cert], [2, FIRST]);
    const paths = ["b.pem", "b.key"].map((name) => stage.directory.join(name));
    assertEquals(keyPairPaths(other), paths);
  },
);

testWith(
  HAS_FILES,
  "nextTask() says that TLS comes and goes with a restart only",
  () => {
    using plain = new Stage();
    plain.configure(TLS);
    const { task, remarks } = plain.next();
    assertEquals(remarks, ["Only a restart will change tlsCert, tlsKey"]);
    assertEquals([task.tls, task.tlsVersion, keyPairPaths(task)], [
      undefined,
      0,
      [],
    ]);

    using secure = new Stage(TLS);
    secure.configure({});
    const without = secure.next();
    assertEquals(without.remarks, [
      "Only a restart will change tlsCert, tlsKey",
    ]);
    assertEquals([without.task.tls, without.task.tlsVersion], [
      secure.first.tls,
      0,
    ]);
    assertEquals(secure.next(without.task).remarks, without.remarks);
  },
);

testWith(HAS_FILES, "renewedTask() looks at the key pair alone", () => {
  using stage = new Stage(TLS);
  stage.configure({ ...TLS, listing: false });
  assertStrictEquals(renewedTask(stage.first).task, stage.first);
  stage.directory.write("a.pem", SECOND);
  assertThrows(
    () => renewedTask(stage.first),
    StartError,
    "another certificate's",
  );
  stage.directory.write("a.key", SECOND_KEY);
  const { task, remarks } = renewedTask(stage.first);
  assertEquals(remarks, []);
  assertEquals([task.tlsVersion, task.planVersion, task.tls?.cert], [
    1,
    0,
    SECOND,
  ]);
  assertStrictEquals(task.plan, stage.first.plan);
});

testWith(
  HAS_FILES,
  "a certificate that has expired is used, and it is said",
  () => {
    using stage = new Stage(TLS);
    stage.directory.write("a.pem", EXPIRED);
    for (const { task, remarks } of [stage.next(), renewedTask(stage.first)]) {
      assertEquals(task.tlsVersion, 1);
      assertEquals(remarks.length, 1);
      assertMatch(
        remarks[0]!,
        /^The certificate ".*a\.pem" has expired on Jan .*2021/,
      );
    }
  },
);
