/**
 * Every option does something: the program is started with it, and asked.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { shownFlag } from "../lib/cli/option_row.ts";
import { OPTION_TABLE } from "../lib/cli/options.ts";
import {
  exchange,
  HAS_FILES,
  parseResponses,
  request,
  type Response,
  TemporaryDirectory,
  testWith,
  until,
} from "./helpers.ts";
import { SAMPLES } from "./cli/samples.ts";
import { Client } from "./raw_client.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

const FILES = {
  "index.html": "<h1>Home</h1>",
  "main.htm": "<h1>Main</h1>",
  "app.html": "<h1>Shell</h1>",
  "a.txt": "first",
  "plain/b.txt": "second",
  "long.txt": "long ".repeat(1000),
};

/** Options that show in an answer: what is asked, and what must be so with the option, and not without it. */
const ROWS: readonly (readonly [
  flag: string,
  arg: string,
  target: string,
  fields: Readonly<Record<string, string>>,
  check: (response: Response) => boolean,
])[] = [
  ["index", "--index=main.htm", "/", {}, ({ body }) => body.includes("Main")],
  [
    "spa",
    "--spa=app.html",
    "/users/7",
    { Accept: "text/html" },
    ({ status, body }) => status === 200 && body.includes("Shell"),
  ],
  [
    "no-zip",
    "--no-zip",
    "/plain/?download=zip",
    {},
    ({ status, fields, body }) =>
      status === 200 && fields.get("content-type")!.startsWith("text/html") &&
      !body.includes("download"),
  ],
  ["no-listing", "--no-listing", "/plain/", {}, ({ status }) => status === 404],
  [
    "cache-control",
    "--cache-control=max-age=7",
    "/a.txt",
    {},
    ({ fields }) => fields.get("cache-control") === "max-age=7",
  ],
  [
    "header",
    "--header=X-Test: yes",
    "/a.txt",
    {},
    ({ fields }) => fields.get("x-test") === "yes",
  ],
  [
    "cors",
    "--cors",
    "/a.txt",
    {},
    ({ fields }) => fields.get("access-control-allow-origin") === "*",
  ],
  [
    "coi",
    "--coi",
    "/a.txt",
    {},
    ({ fields }) => fields.get("cross-origin-opener-policy") === "same-origin",
  ],
];

testPrograms(
  "options that show in an answer do what they say",
  ROWS,
  ([flag]) => `--${flag} does what it says`,
  async ([, arg, target, fields, check]) => {
    using directory = new TemporaryDirectory(FILES);
    await using skiff = new Skiff([directory.path, "--port=0", arg]);
    const port = await skiff.listening();
    assertEquals(check(await request(port, "GET", target, fields)), true);
  },
);

testProgram("without these options no answer shows them", async () => {
  using directory = new TemporaryDirectory(FILES);
  await using skiff = new Skiff([directory.path, "--port=0"]);
  const port = await skiff.listening();
  for (const [flag, , target, fields, check] of ROWS) {
    const response = await request(port, "GET", target, fields);
    assertEquals(check(response), false, flag);
  }
});

testProgram(
  "--header is sent with answers to what cannot be read",
  async () => {
    await using skiff = new Skiff([
      "--port=0",
      "--header=X-Test: yes",
      "--cors",
    ]);
    const port = await skiff.listening();
    const hosts =
      "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    for (const text of ["nonsense\r\n\r\n", hosts]) {
      const [response] = parseResponses(await exchange(port, text), ["GET"]);
      assertEquals(response!.fields.get("x-test"), "yes");
      assertEquals(response!.fields.get("access-control-allow-origin"), "*");
    }
  },
);

testProgram("--early-hints sends Link for what a page loads", async () => {
  using directory = new TemporaryDirectory({
    "index.html": "<link rel=stylesheet href=a.css>",
  });
  for (const isGiven of [false, true]) {
    const args = isGiven ? ["--early-hints"] : [];
    await using skiff = new Skiff([directory.path, "--port=0", ...args]);
    const port = await skiff.listening();
    let link: string | undefined;
    // The first response has none, because skiff reads the page after it.
    for (let attempt = 0; attempt < 200 && link === undefined; attempt++) {
      link = (await request(port, "GET", "/")).fields.get("link");
    }
    const expected = isGiven ? "</a.css>; rel=preload; as=style" : undefined;
    assertEquals(link, expected);
  }
});

testProgram("--no-compression compresses nothing", async () => {
  using directory = new TemporaryDirectory(FILES);
  for (const isGiven of [false, true]) {
    const args = isGiven ? ["--no-compression"] : [];
    await using skiff = new Skiff([directory.path, "--port=0", ...args]);
    const port = await skiff.listening();
    let isEncoded = false;
    // The first who ask get the file as it is, while it is being compressed.
    for (let attempt = 0; attempt < 200 && !isEncoded; attempt++) {
      const { fields } = await request(port, "GET", "/long.txt", {
        "Accept-Encoding": "gzip",
      });
      isEncoded = fields.get("content-encoding") === "gzip";
      if (isGiven && attempt === 20) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(isEncoded, !isGiven);
  }
});

testProgram("--no-watch watches nothing", async () => {
  using directory = new TemporaryDirectory(FILES);
  const watches = (pid: number) =>
    [...Deno.readDirSync(`/proc/${pid}/fd`)].filter(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/${pid}/fd/${name}`).includes("inotify");
      } catch {
        return false;
      }
    }).length;
  if (Deno.build.os !== "linux") return;
  for (const isGiven of [false, true]) {
    const args = isGiven ? ["--no-watch"] : [];
    await using skiff = new Skiff([directory.path, "--port=0", ...args]);
    const port = await skiff.listening();
    await request(port, "GET", "/long.txt");
    if (isGiven) assertEquals(watches(skiff.pid), 0);
    else await until(() => watches(skiff.pid) > 0, "a watch");
  }
});

testProgram("--host listens where it says", async () => {
  for (const host of ["127.0.0.1", "0.0.0.0", "localhost"]) {
    await using skiff = new Skiff(["--port=0", `--host=${host}`]);
    const port = await skiff.listening();
    assertEquals((await request(port, "GET", "/")).status, 200);
  }
});

testWith(HAS_FILES, "every option is tried on the program itself", () => {
  const missing = OPTION_TABLE.filter((row) => {
    const { triedIn } = SAMPLES[row.key];
    const given = row.key === "root"
      ? "new Skiff([directory.path"
      : shownFlag(row);
    const path = new URL(triedIn, import.meta.url);
    return !Deno.readTextFileSync(path).includes(given);
  });
  assertEquals(missing.map(({ key }) => key), []);
});

testProgram(
  "--workers serves in several isolates, and stops them all",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using skiff = new Skiff([directory.path, "--port=0", "--workers=2"]);
    const port = await skiff.listening();
    const clients: Client[] = [];
    for (let count = 0; count < 20; count++) {
      const client = await Client.connect(port);
      clients.push(client);
      await client.get("/a.txt");
      assertEquals((await client.response()).body, "first");
    }
    skiff.signal("SIGTERM");
    for (const client of clients) {
      assertEquals(await client.rest(), "");
      client.close();
    }
    assertEquals(await skiff.ended(), 0);
    const lines = skiff.stdout.split("\n");
    assertEquals(
      lines.filter((line) => line.includes("GET /a.txt")).length,
      20,
    );
  },
);
