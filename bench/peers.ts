/**
 * The servers that are compared: how each is found, set up and started.
 *
 * @module
 */

import { basename, fromFileUrl, join, resolve } from "@std/path";
import {
  caddyfile,
  h2oConf,
  lighttpdConf,
  nginxConf,
  type Setting,
} from "./config.ts";
import { TARGETS } from "./files.ts";
import { findProgram, run } from "./process.ts";

/** A server that takes part. */
export interface Peer {
  /** Its name in tables and on the command line. */
  readonly name: string;
  /** Its version, or why it cannot take part. */
  find(): Promise<Finding>;
  /** The command that starts it, with its files written. */
  start(setting: Setting): PeerCommand;
  /** Whether it has one answer for everything and so can only serve the small file. */
  readonly isCanned?: boolean;
  /** Whether it is set up for TLS and HTTP/2. */
  readonly hasTls?: boolean;
  /** Whether it is skiff, of this checkout or another. */
  readonly isSkiff?: boolean;
  /** The text that it sends compressed: with a sibling on disk, or to be compressed. */
  readonly textTarget: string;
}

/** What looking for a peer has come to. */
export type Finding = { version: string } | { absence: string };

/** How to start a peer. */
export interface PeerCommand {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it says on stderr when it listens, its port in the first group; undefined when it was given the setting's port. */
  readonly announcement?: RegExp;
}

/** The project's directory. */
const PROJECT: string = fromFileUrl(new URL("..", import.meta.url));

/** The rivals: C servers that skiff is measured by. */
export const RIVALS: readonly string[] = ["nginx", "h2o", "lighttpd"];

/** The name of the loop that parses nothing. */
export const CANNED_LOOP = "deno-listen-canned";

function nginx(name: string, hasSendfile: boolean): Peer {
  return {
    name,
    find: () => findByVersion(["nginx", "-v"], /nginx\/(\S+)/),
    start(setting) {
      const text = nginxConf(setting, hasSendfile);
      const file = write(setting, "nginx.conf", text);
      // -e: without it nginx opens the system's own error log first.
      const log = `${setting.directory}/error.log`;
      return {
        command: [
          programPath("nginx"),
          ...["-p", setting.directory, "-c", file, "-e", log],
        ],
      };
    },
    // Without sendfile there is no difference over TLS.
    hasTls: hasSendfile,
    textTarget: TARGETS.siblingText,
  };
}

const h2o: Peer = {
  name: "h2o",
  find: () => findByVersion(["h2o", "-v"], /h2o version (\S+)/),
  start(setting) {
    const file = write(setting, "h2o.conf", h2oConf(setting));
    return { command: [programPath("h2o"), "-c", file] };
  },
  hasTls: true,
  textTarget: TARGETS.siblingText,
};

const lighttpd: Peer = {
  name: "lighttpd",
  find: () => findByVersion(["lighttpd", "-v"], /lighttpd\/(\S+)/),
  start(setting) {
    const file = write(setting, "lighttpd.conf", lighttpdConf(setting));
    return { command: [programPath("lighttpd"), "-D", "-f", file] };
  },
  hasTls: true,
  textTarget: TARGETS.text,
};

const caddy: Peer = {
  name: "caddy",
  find: () => findByVersion(["caddy", "version"], /^v?(\d\S+)/),
  start(setting) {
    const file = write(setting, "Caddyfile", caddyfile(setting));
    const { directory } = setting;
    return {
      command: [
        programPath("caddy"),
        ...["run", "--config", file, "--adapter", "caddyfile"],
      ],
      env: { XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    };
  },
  hasTls: true,
  textTarget: TARGETS.siblingText,
};

/** The file server of Deno's standard library, from wherever it is already cached. */
const STD_FILE_SERVERS: readonly string[] = [
  "jsr:@std/http@1/file-server",
  "npm:deno-std@1.4.0/http/file_server.js",
];

let stdFileServer = "";

const denoStdFileServer: Peer = {
  name: "deno-std-file-server",
  async find() {
    const causes: string[] = [];
    for (const module of STD_FILE_SERVERS) {
      const found = await run([...denoRun("--cached-only"), module, "--help"]);
      if (found?.success) {
        stdFileServer = module;
        return { version: module };
      }
      causes.push(`${module}: ${causeOf(found?.text ?? "")}`);
    }
    return { absence: `cannot be started: ${causes.join("; ")}` };
  },
  start({ root, port }) {
    const options = ["--host", "127.0.0.1", "--port", String(port), "--quiet"];
    return {
      command: [
        ...denoRun("--cached-only", "--allow-net", "--allow-read"),
        ...["--allow-sys", stdFileServer, root, ...options],
      ],
    };
  },
  textTarget: TARGETS.text,
};

function canned(name: string, kind: "listen" | "serve"): Peer {
  const module = join(PROJECT, "bench/canned.ts");
  return {
    name,
    find: () => Promise.resolve({ version: Deno.version.deno }),
    start({ root, port, answerBytes }) {
      return {
        command: [
          ...denoRun("--allow-net", "--allow-read"),
          ...[module, kind, String(port), root + TARGETS.small],
          ...(answerBytes === undefined ? [] : [String(answerBytes)]),
        ],
      };
    },
    isCanned: true,
    textTarget: TARGETS.text,
  };
}

const serve: Peer = {
  name: "serve",
  find: () => findNodeProgram("serve"),
  start({ root, port }) {
    const address = `tcp://127.0.0.1:${port}`;
    return {
      command: [
        ...nodeProgram("serve"),
        ...["--listen", address, "--no-request-logging", "--no-clipboard"],
        root,
      ],
      env: { NO_UPDATE_CHECK: "1" },
    };
  },
  textTarget: TARGETS.text,
};

const sirvCli: Peer = {
  name: "sirv-cli",
  find: () => findNodeProgram("sirv"),
  start({ root, port }) {
    const options = ["--host", "127.0.0.1", "--port", String(port)];
    return {
      command: [...nodeProgram("sirv"), root, ...options, "--quiet", "--etag"],
    };
  },
  textTarget: TARGETS.siblingText,
};

/** skiff from a checkout, with further options. */
export function skiff(
  name: string,
  checkout: string,
  options: readonly string[],
): Peer {
  return {
    name,
    async find() {
      try {
        const { version } = JSON.parse(
          await Deno.readTextFile(join(checkout, "deno.json")),
        );
        return { version: `${version} (${await commitOf(checkout)})` };
      } catch (error) {
        return { absence: error instanceof Error ? error.message : "" };
      }
    },
    start({ root, isLogging, pair }) {
      return {
        command: [
          ...[Deno.execPath(), "run", "--allow-net", "--allow-read"],
          ...["main.ts", root, "--port", "0"],
          ...(isLogging ? [] : ["--log=off"]),
          ...(pair === undefined
            ? []
            : [`--tls-cert=${pair.cert}`, `--tls-key=${pair.key}`]),
          ...options,
        ],
        cwd: checkout,
        announcement: /Listening on\D*https?:\/\/127\.0\.0\.1:(\d+)\//,
      };
    },
    hasTls: true,
    isSkiff: true,
    textTarget: TARGETS.text,
  };
}

/** Everybody but skiff, in the order of the table. */
const OTHERS: readonly Peer[] = [
  nginx("nginx", true),
  h2o,
  lighttpd,
  canned(CANNED_LOOP, "listen"),
  canned("deno-serve-canned", "serve"),
  nginx("nginx-without-sendfile", false),
  caddy,
  denoStdFileServer,
  serve,
  sirvCli,
];

/** The names that may be asked for. */
export const PEER_NAMES: readonly string[] = OTHERS.map(({ name }) => name);

/**
 * The peer of a name: one of {@linkcode PEER_NAMES}, or `skiff:DIRECTORY` for
 * skiff of another checkout, which the table calls by the directory's last
 * part. Undefined for other names.
 */
export function peerNamed(
  name: string,
  skiffOptions: readonly string[],
): Peer | undefined {
  if (!name.startsWith("skiff:")) {
    return OTHERS.find((peer) => peer.name === name);
  }
  const checkout = resolve(name.slice("skiff:".length));
  return skiff(`skiff:${basename(checkout)}`, checkout, skiffOptions);
}

/** skiff of this checkout. */
export function thisSkiff(options: readonly string[]): Peer {
  return skiff("skiff", PROJECT, options);
}

/** The commit of a checkout, and whether it is what is measured. */
async function commitOf(checkout: string): Promise<string> {
  const git = ["git", "-C", checkout];
  const commit = await run([...git, "rev-parse", "--short", "HEAD"]);
  if (!commit?.success) return "no commit";
  const code = ["main.ts", "lib", "deno.json"];
  const changes = await run([...git, "status", "--porcelain", "--", ...code]);
  const isChanged = changes?.text.trim() !== "";
  return commit.text.trim() + (isChanged ? " with changes" : "");
}

function denoRun(...options: string[]): string[] {
  return [Deno.execPath(), "run", "--no-config", "--no-lock", ...options];
}

function programPath(name: string): string {
  return findProgram(name) ?? name;
}

function write(setting: Setting, name: string, text: string): string {
  const file = `${setting.directory}/${name}`;
  Deno.writeTextFileSync(file, text);
  return file;
}

async function findByVersion(
  [name, ...args]: readonly [string, ...string[]],
  pattern: RegExp,
): Promise<Finding> {
  const path = findProgram(name);
  if (path === undefined) return { absence: "not installed" };
  const found = await run([path, ...args]);
  const version = pattern.exec(found?.text ?? "")?.[1];
  return { version: version ?? "of unknown version" };
}

/** Programs of npm packages are taken from PATH, or from where npx finds them without installing anything. */
function nodeProgram(name: string): string[] {
  const path = findProgram(name);
  return path === undefined ? ["npx", "--no-install", name] : [path];
}

async function findNodeProgram(name: string): Promise<Finding> {
  const found = await run([...nodeProgram(name), "--version"]);
  if (!found?.success) return { absence: "not installed" };
  return { version: /\d+\.\d+\.\d+\S*/.exec(found.text)?.[0] ?? "?" };
}

/** Why deno would not run a module, without the places of this machine. */
function causeOf(text: string): string {
  if (text.includes("--cached-only")) return "not cached";
  // deno-lint-ignore no-control-regex
  const [first] = text.replace(/\x1b\[[0-9;]*m/g, "").split("\n");
  return first!.replace(/file:\/\/[^']*\/(?=deno-std\/)/g, "");
}
