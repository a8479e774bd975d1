import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { Policy, type PolicyOptions } from "../../lib/site/policy.ts";
import {
  chooseReadme,
  README_BYTES_MAX,
  readReadme,
} from "../../lib/site/readmes.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import type { DirectoryEntry } from "../../lib/site/site.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { MemorySite } from "../memory_site.ts";

const SECRET = "SECRET";

function entry(
  name: string,
  size = 1,
  kind: DirectoryEntry["kind"] = "file",
): DirectoryEntry {
  return { name, kind, size, modified: 0 };
}

const CHOICES: [names: string, chosen: string | undefined][] = [
  ["a.txt", undefined],
  ["README.md", "README.md"],
  ["readme.txt ReadMe.MD", "ReadMe.MD"],
  ["README readme.txt", "readme.txt"],
  ["README readme.markdown", "readme.markdown"],
  ["readme.md README.md", "README.md"],
  ["README", "README"],
  ["README.html README.md.bak xREADME.md .README.md", undefined],
  ["README.md\n", undefined],
];

for (const [names, chosen] of CHOICES) {
  Deno.test(`chooseReadme() of ${JSON.stringify(names)}`, () => {
    const entries = names.split(" ").map((name) => entry(name));
    assertEquals(chooseReadme(entries)?.name, chosen);
  });
}

Deno.test("chooseReadme() takes only files of a length that can be shown", () => {
  assertEquals(chooseReadme([entry("README.md", 0)]), undefined);
  assertEquals(
    chooseReadme([entry("README.md", README_BYTES_MAX + 1)]),
    undefined,
  );
  assertEquals(
    chooseReadme([entry("README.md", 1, "directory"), entry("README")])?.name,
    "README",
  );
});

/** What is read of a folder in which a listing has seen these names. */
async function read(
  files: Readonly<Record<string, string>>,
  {
    path = "/",
    name = "README.md",
    isPrivate = false,
    policy = {},
    links = {},
  }: {
    readonly path?: string;
    readonly name?: string;
    readonly isPrivate?: boolean;
    readonly policy?: Partial<PolicyOptions>;
    readonly links?: Readonly<Record<string, string>>;
  } = {},
): Promise<string | undefined> {
  using directory = new TemporaryDirectory(files);
  Deno.mkdirSync(directory.join("site"), { recursive: true });
  for (const [link, target] of Object.entries(links)) {
    Deno.symlinkSync(target, directory.join(link));
  }
  const past = new Date(2024, 1, 1);
  for (const file of Object.keys(files)) {
    Deno.utimeSync(directory.join(file), past, past);
  }
  const options = { ...DIRECTORY_DEFAULTS, compress: false };
  const site = new DirectorySite(directory.join("site"), options);
  try {
    const request = {
      path,
      entries: [entry(name)],
      isPrivate,
      now: Date.now(),
    };
    return (await readReadme(site, new Policy(policy), request))?.html;
  } finally {
    site.close();
  }
}

testWith(
  HAS_FILES,
  "readReadme() renders Markdown below the headings of the page",
  async () => {
    const html = await read({ "site/README.md": "# Hi *you*\n<b>x</b>" });
    assertStringIncludes(html!, '<h3 id="md-hi-you">Hi <em>you</em></h3>');
    assertStringIncludes(html!, "&lt;b&gt;x&lt;/b&gt;");
  },
);

testWith(
  HAS_FILES,
  "readReadme() shows plain text as it is, and nothing that hides",
  async () => {
    const text = "a\tb\r\n<script>\x1b[2J\u202Ec\n";
    assertEquals(
      await read({ "site/README.txt": text }, { name: "README.txt" }),
      "<pre>a\tb\n&lt;script&gt;␛[2J[U+202E]c\n</pre>",
    );
  },
);

const isProtected = (path: string) =>
  path.startsWith("/private/") || path === "/README.md";

const HIDDEN: Readonly<Record<string, Parameters<typeof read>>> = {
  "that is not there": [{}],
  "that is a link out of the root": [
    { "outside.md": SECRET },
    { links: { "site/README.md": "../outside.md" } },
  ],
  "that is protected": [
    { "site/README.md": SECRET },
    { policy: { isProtected } },
  ],
  "that is a link to a protected file": [
    { "site/private/x.md": SECRET, "site/open/x": "" },
    {
      path: "/open/",
      links: { "site/open/README.md": "../private/x.md" },
      policy: { isProtected },
    },
  ],
  "that a rule replaces": [
    { "site/README.md": SECRET, "site/other.md": "other" },
    {
      policy: {
        rules: compileRules({
          headers: [],
          errorPages: [],
          redirects: [{
            from: "/README.md",
            to: "/other.md",
            status: 200,
            force: true,
            where: "test",
          }],
        }).rules,
      },
    },
  ],
  "that has grown too long": [
    { "site/README.md": SECRET.repeat(README_BYTES_MAX) },
  ],
  "that is a folder by now": [{ "site/README.md/x": SECRET }],
};

for (const [title, args] of Object.entries(HIDDEN)) {
  testWith(HAS_FILES, `readReadme() shows none ${title}`, async () => {
    assertEquals(await read(...args), undefined);
  });
}

testWith(
  HAS_FILES,
  "readReadme() shows a protected one to a client that has authenticated",
  async () => {
    const html = await read(
      { "site/private/README.md": "for you" },
      { path: "/private/", policy: { isProtected }, isPrivate: true },
    );
    assert(html !== undefined);
    assertStringIncludes(html, "for you");
  },
);

Deno.test("readReadme() waits for the writer of its file", async () => {
  const [half, whole] = ["half", "whole"].map((content) => {
    const found = new MemorySite({ "/README.txt": content })
      .lookup("/README.txt");
    assert(found.kind === "file");
    return found;
  });
  const site = new MemorySite({});
  site.lookup = () => ({
    ...half!,
    awaitWriter: () => Promise.resolve(whole!),
  });
  const readme = await readReadme(site, new Policy(), {
    path: "/",
    entries: [{ name: "README.txt", kind: "file", size: 4, modified: 0 }],
    isPrivate: false,
    now: 0,
  });
  assertEquals(readme?.html, "<pre>whole</pre>");
});
