import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { defaultOptions, type Options } from "../../lib/cli/options.ts";
import { parsePreview } from "../../lib/cli/preview.ts";
import {
  chooseReleases,
  readReleases,
  RELEASE_NAMES_MAX,
  RELEASES_TRIED_MAX,
} from "../../lib/service/releases.ts";
import { PlanError, type Release } from "../../lib/service/plan.ts";
import { CrowdedDirectory } from "../crowded_directory.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { archiveOf } from "../site/bundle/bundle_forge.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { planFor } from "./plans.ts";

const POSSIBLE = HAS_FILES && IS_UNIX;

function optionsFor(
  { path }: TemporaryDirectory,
  options: Partial<Options>,
): Options {
  return { ...defaultOptions(), releases: path, ...options };
}

function read(
  folder: TemporaryDirectory,
  options: Partial<Options> = {},
  refused: readonly Release[] = [],
  isComplete: () => boolean = () => true,
) {
  const full = optionsFor(folder, { keepReleases: 10, ...options });
  const { all, notes } = readReleases(full, isComplete, refused);
  return { names: all.map(({ name }) => name), notes, all };
}

testWith(POSSIBLE, "readReleases() finds folders and archives", () => {
  using folder = new TemporaryDirectory({
    "v1/a": "",
    "v2.zip": "",
    "v3.skiff": "",
    ".v4/a": "",
    "notes.txt": "",
  });
  const { names, all, notes } = read(folder);
  assertEquals(names, ["v3.skiff", "v2.zip", "v1"]);
  assertEquals(all.map(({ kind }) => kind), [
    "archive",
    "zip",
    "directory",
  ]);
  assertEquals(notes, []);
  assertEquals(read(folder, { keepReleases: 2 }).names, ["v3.skiff", "v2.zip"]);
  assertEquals(read(folder, {}, [all[0]!]).names, ["v2.zip", "v1"]);
  const other = { ...all[0]!, identity: "another" };
  assertEquals(read(folder, {}, [other]).names.length, 3);
});

testWith(POSSIBLE, "readReleases() counts only folders with the marker", () => {
  using folder = new TemporaryDirectory({
    "v1/.complete": "",
    "v2/a": "",
    "v3/.complete/a": "",
    "v4.zip": "",
  });
  const marked = { releaseMarker: ".complete" };
  const isComplete = () => false;
  assertEquals(read(folder, marked, [], isComplete).names, ["v1"]);
  assertEquals(read(folder, marked).names, ["v4.zip", "v1"]);
});

/** What `current` is, which release comes first, and what is said. */
const CURRENT: readonly (readonly [
  name: string,
  make: (folder: TemporaryDirectory) => void,
  first: string,
  said: string | undefined,
])[] = [
  ["nothing", () => {}, "v3", undefined],
  ["a link", (f) => Deno.symlinkSync("v1", f.join("current")), "v1", undefined],
  [
    "an absolute link",
    (f) => Deno.symlinkSync(f.join("v1"), f.join("current")),
    "v1",
    undefined,
  ],
  ["a file", (f) => f.write("current", "v2\n"), "v2", undefined],
  ["an empty file", (f) => f.write("current", "\n"), "v3", "it is empty"],
  [
    "a long file",
    (f) => f.write("current", "v".repeat(5000)),
    "v3",
    "it is too long",
  ],
  ["a folder", (f) => f.write("current/a", ""), "v3", "neither a link nor"],
  [
    "a link that leads out",
    (f) => Deno.symlinkSync("/etc", f.join("current")),
    "v3",
    "does not lead to a release beside it",
  ],
  [
    "a link to what is above",
    (f) => Deno.symlinkSync("..", f.join("current")),
    "v3",
    "does not lead to a release beside it",
  ],
  [
    "a link to itself",
    (f) => Deno.symlinkSync("current", f.join("current")),
    "v3",
    "does not lead to a release beside it",
  ],
  [
    "a link to a link",
    (f) => {
      Deno.symlinkSync("/etc", f.join("v4"));
      Deno.symlinkSync("v4", f.join("current"));
    },
    "v3",
    '"v4" is not a release: it is a link',
  ],
  [
    "a link to nothing",
    (f) => Deno.symlinkSync("v9", f.join("current")),
    "v3",
    'names "v9", which is not a release',
  ],
];

for (const [name, make, first, said] of CURRENT) {
  testWith(POSSIBLE, `readReleases() follows "current": ${name}`, () => {
    using folder = new TemporaryDirectory({
      "v1/a": "",
      "v2/a": "",
      "v3/a": "",
    });
    make(folder);
    const { names, notes } = read(folder);
    assertEquals(names[0], first);
    assertEquals(names.length, 3);
    assertEquals(notes[0]?.includes(said ?? "") ?? false, said !== undefined);
  });
}

testWith(
  POSSIBLE,
  "readReleases() is quick with thousands of releases, and says what it leaves out",
  () => {
    using folder = new TemporaryDirectory({ "v\x1b[2J/a": "" });
    for (let i = 0; i < 12; i++) Deno.mkdirSync(folder.join(`v${i}`));
    const count = RELEASE_NAMES_MAX - 12;
    using _crowd = new CrowdedDirectory(folder.path, count, "directory");
    const { names, notes } = read(folder);
    assertEquals(names.length, 10);
    assertEquals(
      notes.some((note) => note.includes(`more than ${RELEASE_NAMES_MAX}`)),
      true,
    );
    assertEquals(notes.some((note) => note.includes("\x1b")), false);
  },
);

testWith(
  POSSIBLE,
  "readReleases() says in few words that many names are no releases",
  () => {
    using folder = new TemporaryDirectory({ "v1/a": "" });
    for (let i = 0; i < 1500; i++) Deno.symlinkSync("v1", folder.join(`l${i}`));
    const { names, notes } = read(folder);
    assertEquals(names, ["v1"]);
    assertEquals(notes.length, 11);
    assertStringIncludes(notes.at(-1)!, "1490 other names");
  },
);

function planOf(folder: TemporaryDirectory) {
  const options = { releases: folder.path, root: undefined };
  return planFor(folder.path, { options });
}

testWith(
  POSSIBLE,
  "chooseReleases() passes over what cannot be served, and says why",
  async () => {
    using folder = new TemporaryDirectory({
      "v1/index.html": "1",
      "v2/index.html": "2",
      "v3/_redirects": "/a /b 999\n",
      "v5.skiff": "no archive",
      "v6.zip": "no archive",
    });
    Deno.mkdirSync(folder.join("v4"));
    const { plan, warnings } = await chooseReleases(
      planOf(folder),
      [],
      () => true,
    );
    assertEquals(
      plan.releases!.all.map(({ name }) => name),
      ["v2", "v1"],
    );
    assertEquals(plan.root, folder.join("v2"));
    assertEquals(plan.releases!.refused.map(({ name }) => name), [
      "v6.zip",
      "v5.skiff",
      "v4",
      "v3",
    ]);
    const said = [
      'Release "v6.zip" is not served: Cannot serve',
      'Release "v5.skiff" is not served: Cannot read the archive',
      'Release "v4" is not served: it is empty',
      'Release "v3" is not served: _redirects',
    ];
    assertEquals(warnings.length, said.length);
    for (const [index, text] of said.entries()) {
      assertEquals(warnings[index]!.startsWith(text), true, warnings[index]);
    }
    // What was refused before is not tried again.
    const again = await chooseReleases(
      plan,
      [],
      () => true,
      plan.releases!.refused,
    );
    assertEquals(again.warnings, []);
    assertEquals(again.plan.releases, plan.releases);
  },
);

testWith(
  POSSIBLE,
  "chooseReleases() opens archives of both kinds",
  async () => {
    using folder = new TemporaryDirectory({
      "v1.zip": forgeZip([{ name: "a.txt", content: "a" }]),
      "v2.skiff": archiveOf([]),
    });
    const { plan } = await chooseReleases(planOf(folder), [], () => true);
    assertEquals(plan.kind, "archive");
    assertEquals(plan.releases!.all.length, 2);
  },
);

testWith(
  POSSIBLE,
  "chooseReleases() serves one with problems at a start if there is no other",
  async () => {
    using folder = new TemporaryDirectory({ "v1/_redirects": "/a /b 999\n" });
    const { problems } = await chooseReleases(
      planOf(folder),
      undefined,
      () => true,
    );
    assertEquals(problems.length, 1);
    await assertRejects(
      () => chooseReleases(planOf(folder), [], () => true),
      PlanError,
      "_redirects",
    );
  },
);

testWith(
  POSSIBLE,
  "chooseReleases() gives up after so many that cannot be served",
  async () => {
    using folder = new TemporaryDirectory({ "v00/index.html": "good" });
    for (let i = 1; i <= RELEASES_TRIED_MAX; i++) {
      Deno.mkdirSync(folder.join(`v${i + 10}`));
    }
    await assertRejects(
      () => chooseReleases(planOf(folder), [], () => true),
      PlanError,
      "it is empty",
    );
    using empty = new TemporaryDirectory();
    await assertRejects(
      () => chooseReleases(planOf(empty), undefined, () => true),
      PlanError,
      "it has no complete release",
    );
  },
);

testWith(
  POSSIBLE,
  "readReleases() finds what previews name, kept and refused or not",
  () => {
    using folder = new TemporaryDirectory(
      Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`v${i}/a`, ""])),
    );
    const one = optionsFor(folder, { keepReleases: 1 });
    const refused = readReleases(one, () => true, []).all;
    const readWith = (...previews: string[]) => {
      const preview = previews.map(parsePreview);
      const options = optionsFor(folder, { keepReleases: 2, preview });
      return readReleases(options, ({ name }) => name !== "v3", refused);
    };
    const shownWith = (...previews: string[]) =>
      readWith(...previews).shown.map(({ name }) => name);
    const { all } = readWith("v1=a.example");
    assertEquals(all.map(({ name }) => name), ["v4", "v2"]);
    assertEquals(shownWith(), []);
    const named = ["v1=a.example", "v5=b.example", "v3=c.example"];
    assertEquals(shownWith(...named), ["v5", "v1"]);
    const every = ["*=*.a.example", "v1=a.example"];
    assertEquals(shownWith(...every), ["v5", "v4", "v1"]);
  },
);

testWith(
  POSSIBLE,
  "chooseReleases() keeps since when releases are served and shown",
  async () => {
    using folder = new TemporaryDirectory({ "v1/a": "", "v2/a": "" });
    const base = planOf(folder);
    const options = {
      ...base.options,
      preview: [parsePreview("v1=a.example")],
    };
    const { plan } = await chooseReleases(
      { ...base, options },
      undefined,
      () => true,
    );
    const { all, previews, ...rest } = plan.releases!;
    const releases = {
      ...rest,
      all,
      since: 5,
      previews: previews!.map((set) => ({ ...set, since: 7 })),
    };
    const next = await chooseReleases({ ...plan, releases }, [], () => true);
    assertEquals(next.plan.releases, releases);
  },
);
