import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connectionMemory, rateMemory } from "../../lib/access/limits.ts";
import { VARIABLES } from "../../lib/cli/environment.ts";
import { defaultOptions } from "../../lib/cli/options.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import { openSite, poolsOf } from "../../lib/service/open_site.ts";
import { StartError } from "../../lib/service/startup.ts";
import {
  buildPlan,
  isolateCount,
  readSources,
  sharedMemory,
} from "../../lib/service/sources.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { archiveOf, fileOf } from "../site/bundle/bundle_forge.ts";

Deno.test({
  name: "readSources() does without variables and files that it may not see",
  permissions: { env: false, read: false },
  fn: () => {
    const { args, variables, variableNames, read } = readSources(["a", "b"]);
    assertEquals(args, ["a", "b"]);
    assertEquals(variables("SKIFF_PORT"), undefined);
    assertEquals(variableNames, VARIABLES);
    assertEquals(read("/nowhere/skiff.json"), undefined);
  },
});

const MAY_SET = Deno.permissions.querySync({ name: "env" }).state === "granted";

testWith(MAY_SET, "readSources() sees all variables where it may", () => {
  Deno.env.set("ONLY_FOR_THIS_TEST", "1");
  try {
    const { variables, variableNames } = readSources([]);
    assertEquals(variables("ONLY_FOR_THIS_TEST"), "1");
    assertEquals(variableNames?.includes("ONLY_FOR_THIS_TEST"), true);
  } finally {
    Deno.env.delete("ONLY_FOR_THIS_TEST");
  }
});

if (MAY_SET) {
  Deno.test({
    name: "readSources() sees the one variable that it may see",
    permissions: { env: ["SKIFF_PORT"] },
    fn: () => {
      const before = Deno.env.get("SKIFF_PORT");
      Deno.env.set("SKIFF_PORT", "0");
      try {
        const { variables, variableNames } = readSources([]);
        assertEquals(variables("SKIFF_PORT"), "0");
        assertEquals(variables("SKIFF_HOST"), undefined);
        assertEquals(variableNames, VARIABLES);
      } finally {
        if (before === undefined) Deno.env.delete("SKIFF_PORT");
        else Deno.env.set("SKIFF_PORT", before);
      }
    },
  });
}

Deno.test("isolateCount() takes one for each core when asked to, where listeners can share a port", () => {
  const isLinux = Deno.build.os === "linux";
  const count = (workers: number | "auto") =>
    isolateCount({ ...defaultOptions(), workers });
  assertEquals(count(1), 1);
  assertEquals(count(5), isLinux ? 5 : 1);
  assertEquals(count("auto"), isLinux ? navigator.hardwareConcurrency : 1);
});

Deno.test("sharedMemory() has room for all isolates", () => {
  for (const isolates of [1, 3]) {
    const { requests, logins, connections, metrics } = sharedMemory(isolates);
    const rates = [requests, ...Object.values(logins)];
    for (const { buffer } of rates) {
      assertEquals(buffer.byteLength, rateMemory().buffer.byteLength);
    }
    const { byteLength } = connectionMemory(isolates).buffer;
    assertEquals(connections.buffer.byteLength, byteLength);
    assertEquals(metrics.byteLength, metricMemory(isolates).byteLength);
    // Nobody outside is to know where addresses are counted.
    const keys = [...rates, connections].map(({ key }) => key.join());
    assertEquals(new Set(keys).size, 6);
  }
});

testWith(
  HAS_FILES,
  "buildPlan() serves the built-in site when no root is given",
  async () => {
    using home = new TemporaryDirectory({ "static/index.html": "home" });
    const { plan } = await buildPlan({
      options: defaultOptions(),
      home: home.path,
      memory: sharedMemory(1),
    });
    assertEquals(plan.root, home.join("static"));
    assertEquals([plan.kind, plan.isolates, plan.credentials], [
      "directory",
      1,
      undefined,
    ]);
  },
);

testWith(HAS_FILES, "buildPlan() reads what the options name", async () => {
  using directory = new TemporaryDirectory({
    "site/a.txt": "a",
    "who": "text",
  });
  const root = `${directory.path}/who/../site`;
  const authFile = directory.join("who");
  const memory = sharedMemory(1);
  const options = { ...defaultOptions(), root, authFile };
  const { plan } = await buildPlan({ options, home: "/nowhere", memory });
  assertEquals(plan, {
    options,
    root: directory.join("site"),
    kind: "directory",
    isolates: 1,
    credentials: "text",
    keyPair: undefined,
    memory,
  });
  const wrong = [{ root: directory.join("none") }, {
    authFile: directory.join("none"),
  }];
  for (const part of wrong) {
    const other = { ...options, ...part };
    await assertRejects(
      () => buildPlan({ options: other, home: "/nowhere", memory }),
      StartError,
      "none",
    );
  }
});

/** Lists of paths that need a password, and what is said of them. */
const SHALLOW: readonly (readonly [
  paths: readonly string[],
  named: readonly string[],
])[] = [
  [["/*"], []],
  [["/private/*"], []],
  [["/private"], ["/private/*"]],
  [["/private/"], ["/private/*"]],
  [["/private", "/private/*"], []],
  [["/private", "/*"], []],
  [["/a.txt", "/missing"], []],
  [["/"], ["/*"]],
];

for (const [authPaths, named] of SHALLOW) {
  testWith(
    HAS_FILES,
    `buildPlan() says what --auth-paths ${authPaths} leaves open`,
    async () => {
      using directory = new TemporaryDirectory({
        "site/private/b.txt": "b",
        "site/a.txt": "a",
        "who": "text",
      });
      const { warnings } = await buildPlan({
        options: {
          ...defaultOptions(),
          root: directory.join("site"),
          authFile: directory.join("who"),
          authPaths: [...authPaths],
        },
        home: "/nowhere",
        memory: sharedMemory(1),
      });
      assertEquals(warnings.length, named.length);
      named.forEach((path, index) =>
        assertStringIncludes(warnings[index]!, `add "${path}"`)
      );
    },
  );
}

testWith(
  HAS_FILES,
  "buildPlan() says which directories of a release need a password, and nothing in them does",
  async () => {
    using folder = new TemporaryDirectory({
      "auth": ANN_LINE,
      "releases/v1/private/a.txt": "a",
      "releases/v2/shut/a.txt": "a",
    });
    const options = {
      ...defaultOptions(),
      authFile: folder.join("auth"),
      authPaths: ["/private", "/shut"],
      releases: folder.join("releases"),
    };
    const memory = sharedMemory(1);
    const { warnings } = await buildPlan({ options, home: "/", memory });
    assertEquals(warnings, [
      '--auth-paths "/shut" protects this path only: add "/shut/*" to protect what is in it',
    ]);
  },
);

testWith(
  HAS_FILES,
  "buildPlan() loads what opens older releases that are archives",
  async () => {
    const chunk = "/app-2f1c9a7e.js";
    using folder = new TemporaryDirectory({
      "v1.skiff": archiveOf([fileOf(chunk, "one")]),
      "v2/index.html": "two",
    });
    const { plan } = await buildPlan({
      options: { ...defaultOptions(), releases: folder.path },
      home: "/",
      memory: sharedMemory(1),
    });
    const warnings: string[] = [];
    const site = openSite(plan, {
      isProtected: undefined,
      changes: undefined,
      pools: poolsOf(plan),
      onWarning: (text) => warnings.push(text),
    });
    assertEquals(site.lookup(chunk, Date.now()).kind, "file");
    assertEquals(warnings, []);
    site.close();
  },
);
