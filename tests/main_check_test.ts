/**
 * What `skiff check` says of a site, and how it ends.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { TemporaryDirectory } from "./helpers.ts";
import { runSkiff } from "./run_skiff.ts";
import { testProgram } from "./skiff.ts";

const EXAMPLE = fromFileUrl(new URL("../examples/check/", import.meta.url));
const READ = { permissions: ["--allow-read"] };

testProgram("check reports on the example as its report says", async () => {
  const { code, stdout, stderr } = await runSkiff(
    ["check", `${EXAMPLE}site`],
    READ,
  );
  assertEquals(stdout, Deno.readTextFileSync(`${EXAMPLE}report.txt`));
  assertEquals({ code, stderr }, { code: 1, stderr: "" });
});

testProgram("check writes JSON and SARIF", async () => {
  const [json, sarif] = await Promise.all(
    ["json", "sarif"].map((format) =>
      runSkiff(["check", "--format", format, `${EXAMPLE}site`], READ)
    ),
  );
  assertEquals(JSON.parse(json!.stdout).counts.error > 0, true);
  assertEquals(JSON.parse(sarif!.stdout).runs[0].results.length > 0, true);
});

testProgram("check takes the rules of the configuration", async () => {
  using place = new TemporaryDirectory({
    "skiff.json": `{\n"redirects": [\n{ "from": "/old", "to": "/gone" }] }`,
    "www/index.html":
      '<!doctype html><html lang=en><title>x</title><a href="/old">x</a>',
  });
  const { code, stdout } = await runSkiff(["check", place.join("www")], READ);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    `index.html:1: error dead-link: "/old" gets 404, after a redirect to "/gone"`,
  );
  assertStringIncludes(stdout, `skiff.json:3: error rule-dead-end`);
});

testProgram("check ends with 0, 1 or 2", async () => {
  using place = new TemporaryDirectory({ "index.html": "<a href=x>" });
  const codes = await Promise.all(
    [["--ignore", "dead-link"], [], ["--ignore", "nothing"], [
      "--format",
      "xml",
    ]]
      .map(async (flags) =>
        (await runSkiff(["check", ...flags, place.path], READ)).code
      ),
  );
  assertEquals(codes, [0, 1, 2, 2]);
});

testProgram(
  "check --external connects to no server without permission",
  async () => {
    using place = new TemporaryDirectory({
      "index.html":
        '<a href="https://a.example/"></a><a href="https://[2001:db8::1]/">',
    });
    const { code, stdout } = await runSkiff(
      ["check", "--external", place.path],
      READ,
    );
    assertEquals(code, 0);
    assertStringIncludes(
      stdout,
      'note external-unchecked: "https://a.example/": skiff may not connect: add --allow-net=a.example',
    );
    // Brackets are a pattern to a shell.
    assertStringIncludes(stdout, "add --allow-net='[2001:db8::1]'");
  },
);

testProgram(
  "check --log says what the example's visitors would miss",
  async () => {
    const { code, stdout, stderr } = await runSkiff(
      ["check", "--log", `${EXAMPLE}access.log`, `${EXAMPLE}site`],
      READ,
    );
    assertEquals({ code, stderr }, { code: 1, stderr: "" });
    assertStringIncludes(stdout, "  /blog/frist.html  /blog/first.html  301\n");
    assertStringIncludes(stdout, "  /news/first.php  /blog/first.html  301\n");
    assertStringIncludes(stdout, "6 requests for 6 paths; 2 paths gone");
  },
);

testProgram(
  "check --log and --server exclude each other, and say what is missing",
  async () => {
    const [both, server, log] = await Promise.all([
      ["--log", "a", "--server", "http://127.0.0.1:1/"],
      ["--server", "http://127.0.0.1:1/"],
      ["--log", `${EXAMPLE}none.log`, `${EXAMPLE}site`],
    ].map((flags) => runSkiff(["check", ...flags], READ)));
    assertEquals([both!.code, server!.code, log!.code], [2, 1, 1]);
    assertStringIncludes(
      server!.stderr,
      "Cannot connect to 127.0.0.1:1 without permission: run with --allow-net=127.0.0.1:1",
    );
    assertStringIncludes(log!.stderr, "Cannot read the log");
  },
);
