/**
 * The files in `deploy/`: the programs that they are for accept them, and skiff
 * accepts the command lines in them. `cache_test.ts` and `replicas_test.ts` run
 * skiffs behind the proxies among them.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { optionsOf, readArguments } from "../../lib/cli/arguments.ts";
import { readConfig } from "../../lib/cli/config_file.ts";
import { applySetting } from "../../lib/cli/option_row.ts";
import { defaultOptions } from "../../lib/cli/options.ts";
import { FIRST_PAIR } from "../certificates.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import { deployed, replaced } from "./daemon.ts";

testWith(HAS_FILES, "docs/deploying.md links every file in deploy/", () => {
  const url = new URL("../../docs/deploying.md", import.meta.url);
  const document = Deno.readTextFileSync(url);
  const folder = new URL("../../deploy/", import.meta.url);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(
    names.filter((name) => !document.includes(`(../deploy/${name})`)),
    [],
  );
});

testWith(HAS_FILES, "skiff accepts deploy/skiff.json", () => {
  const { settings } = readConfig(deployed("skiff.json"), "skiff.json");
  const options = defaultOptions();
  for (const setting of settings) applySetting(options, setting);
  assertEquals(options.port, 8080);
});

/** The command lines of skiff in a file, without the name of the program. */
type FindLines = (text: string) => string[][];

const inUnit: FindLines = (text) =>
  [...text.matchAll(/^ExecStart=\S+ (.+)$/gm)]
    .map(([, line]) => line!.split(" "));

const inContainer: FindLines = (text) =>
  [...text.matchAll(/^CMD (.+)$/gm)].map(([, line]) => JSON.parse(line!));

const inManifest: FindLines = (text) =>
  [...text.matchAll(/^ +args:\n((?: +- .+\n)+)/gm)]
    .map(([, list]) => list!.trim().split(/\n? *- /).slice(1));

const LINES:
  readonly (readonly [name: string, find: FindLines, port: number])[] = [
    ["port80.conf", inUnit, 80],
    ["tls.conf", inUnit, 443],
    ["Containerfile", inContainer, 8080],
    ["kubernetes.yaml", inManifest, 8080],
  ];

for (const [name, find, port] of LINES) {
  testWith(
    HAS_FILES,
    `skiff accepts the command line in deploy/${name}`,
    () => {
      const lines = find(deployed(name));
      assertEquals(lines.length, 1);
      const options = optionsOf(readArguments(lines[0]!).settings);
      assertEquals(options.port, port);
    },
  );
}

/** What a program says to a configuration, and whether it accepts it. */
async function verdict(
  program: string,
  args: readonly string[],
  folder: TemporaryDirectory,
  env: Readonly<Record<string, string>> = {},
): Promise<{ isAccepted: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: folder.path,
    env: { ...env, LC_ALL: "C" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  return { isAccepted: success, text };
}

/** The unit with a drop-in, if one is named, and a program that is there. */
async function verifyUnit(
  program: string,
  dropIn: string | undefined,
  change: (unit: string) => string = (unit) => unit,
): Promise<string> {
  const here = (text: string) =>
    replaced(text, "/usr/local/bin/skiff", "/bin/true");
  using folder = new TemporaryDirectory({
    "skiff.service": change(here(deployed("skiff.service"))),
  });
  if (dropIn !== undefined) {
    folder.write(`skiff.service.d/${dropIn}`, here(deployed(dropIn)));
  }
  // A trailing colon keeps the units of the system.
  const env = { SYSTEMD_UNIT_PATH: `${folder.path}:` };
  const args = ["verify", "--man=no", "skiff.service"];
  return (await verdict(program, args, folder, env)).text;
}

for (const dropIn of [undefined, "port80.conf", "tls.conf"]) {
  const beside = dropIn === undefined ? "" : ` with deploy/${dropIn}`;
  testAgainst(
    "systemd-analyze",
    `systemd finds nothing wrong in deploy/skiff.service${beside}`,
    async (program) => {
      assertEquals(await verifyUnit(program, dropIn), "");
    },
  );
}

testAgainst(
  "systemd-analyze",
  "systemd would find a mistake in deploy/skiff.service",
  async (program) => {
    const text = await verifyUnit(
      program,
      undefined,
      (unit) => replaced(unit, "RestartSec=", "RestartSecs="),
    );
    assertStringIncludes(text, "RestartSecs");
  },
);

testAgainst(
  "haproxy",
  "HAProxy accepts deploy/haproxy.cfg, TLS included",
  async (program) => {
    using folder = new TemporaryDirectory({
      "site.pem": `${FIRST_PAIR.cert}\n${FIRST_PAIR.key}`,
      "haproxy.cfg": replaced(
        deployed("haproxy.cfg"),
        "/etc/ssl/private/example.org.pem",
        "site.pem",
      ),
    });
    const args = ["-c", "-f", "haproxy.cfg"];
    const { isAccepted, text } = await verdict(program, args, folder);
    assertEquals(isAccepted, true, text);
  },
);

testAgainst(
  "nginx",
  "nginx accepts deploy/nginx.conf, TLS included",
  async (program) => {
    let site = deployed("nginx.conf");
    site = replaced(site, "/etc/ssl/certs/example.org.pem", "cert.pem");
    site = replaced(site, "/etc/ssl/private/example.org.key", "key.pem");
    site = replaced(site, "/var/cache/nginx-skiff", "cache");
    // nginx -t binds what it is to listen on, and ports below 1024 are for root.
    site = replaced(site, "listen 80;", "listen unix:plain.sock;");
    site = replaced(site, "listen 443 ssl", "listen unix:tls.sock ssl");
    using folder = new TemporaryDirectory({
      "cert.pem": FIRST_PAIR.cert,
      "key.pem": FIRST_PAIR.key,
      "nginx.conf": `pid nginx.pid; events {}
http { access_log off; client_body_temp_path a; proxy_temp_path b;
fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
${site}}
`,
    });
    const args = ["-t", "-e", "stderr", "-c", "nginx.conf", "-p", "."];
    const { isAccepted, text } = await verdict(program, args, folder);
    assertEquals(isAccepted, true, text);
  },
);
