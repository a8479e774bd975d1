/**
 * `--https`: the program with a certificate that it makes itself.
 *
 * @module
 */

import { shellWord } from "../lib/cli/shell.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TemporaryDirectory } from "./helpers.ts";
import { ALL, Skiff, testProgram } from "./skiff.ts";

/** Asks for a path with the certificates to trust. */
async function ask(
  port: number,
  caCerts: string[],
  host: string = "localhost",
): Promise<string> {
  using client = Deno.createHttpClient({ caCerts });
  const response = await fetch(`https://${host}:${port}/a.txt`, { client });
  return await response.text();
}

testProgram(
  "--https keeps an authority in a folder, which can be trusted",
  async () => {
    using directory = new TemporaryDirectory({ "site/a.txt": "first" });
    const keys = directory.join("keys");
    const permissions = [...ALL, `--allow-write=${keys}`];
    const args = [
      directory.join("site"),
      "--port=0",
      "--log=off",
      `--https=${keys}`,
    ];
    let authority = "";
    {
      await using skiff = new Skiff(args, permissions);
      const port = await skiff.listening();
      assertStringIncludes(skiff.stderr, `Made an authority in "${keys}"`);
      authority = Deno.readTextFileSync(`${keys}/authority.pem`);
      assertEquals(await ask(port, [authority]), "first");
      assertEquals(await ask(port, [authority], "127.0.0.1"), "first");
      // A reload keeps the certificate.
      await skiff.reload();
      assertEquals(await ask(port, [authority]), "first");
    }
    // The second start needs no permission to write.
    await using skiff = new Skiff(args);
    const port = await skiff.listening();
    assertEquals(skiff.stderr.includes("Made"), false);
    assertEquals(await ask(port, [authority]), "first");
  },
);

testProgram(
  "--https makes another certificate at each start, and tells its fingerprint",
  async () => {
    const fingerprints = new Set<string>();
    for (const more of [[], ["--workers=2"]]) {
      await using skiff = new Skiff([
        "--port=0",
        "--log=off",
        "--https",
        ...more,
      ]);
      const port = await skiff.listening();
      const line = /^Certificate \(SHA-256 fingerprint\): (\S{95})$/m;
      fingerprints.add(line.exec(skiff.stderr)![1]!);
      assert(skiff.stderr.includes(`https://127.0.0.1:${port}/`));
    }
    assertEquals(fingerprints.size, 2);
  },
);

testProgram("--https says which permission a folder needs", async () => {
  using directory = new TemporaryDirectory();
  await using skiff = new Skiff(["--port=0", `--https=${directory.path}`]);
  assertEquals(await skiff.ended(), 1);
  assertStringIncludes(
    skiff.stderr,
    `Cannot keep a certificate in "${directory.path}" without permission: add --allow-write=${
      shellWord(directory.path)
    }`,
  );
});

testProgram(
  "--https is refused beside a certificate of one's own",
  async () => {
    await using skiff = new Skiff(["--https", "--tls-cert=/c", "--tls-key=/k"]);
    assertEquals(await skiff.ended(), 2);
    assertStringIncludes(
      skiff.stderr,
      "Cannot use --https together with --tls-cert",
    );
  },
);
