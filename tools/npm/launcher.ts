/**
 * The command of the npm package: starts skiff in Deno, with the permissions that
 * the given options need and no others. Runs in Node.js 18 or later; reads the
 * options with the code that skiff itself reads them with.
 *
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import project from "../../deno.json" with { type: "json" };
import { failureText } from "../../lib/cli/banner.ts";
import {
  permissionArguments,
  permissionsFor,
} from "../../lib/cli/permissions.ts";
import {
  resolveSettings,
  type SettingSources,
} from "../../lib/cli/settings.ts";
import { UsageError } from "../../lib/cli/values.ts";
import {
  foregroundOfPs,
  foregroundOfStat,
  psArguments,
} from "../../lib/service/foreground.ts";
import { addMissing } from "./node.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Where skiff is within the package. */
const PROGRAM = join(HERE, "skiff");

/** The signals to pass on: stop, and reload. A terminal interrupts both processes itself. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** What Deno gets beside the permissions: everything is in the package, and nothing around it counts. */
const FLAGS: readonly string[] = [
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--no-check",
  ...project.unstable.filter((name) => name !== "raw-imports")
    .map((name) => `--unstable-${name}`),
];

/** The program deno of the package that this one depends on. */
function denoPath(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("deno/package.json"));
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const path = join(folder, name);
  // Without install scripts it is still in the package for this system.
  return existsSync(path) ? path : require("deno/install_api.cjs").runInstall();
}

/** Returns what `read` returns, or undefined where the file system has no answer. */
function ifAny<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function variables(name: string): string | undefined {
  return process.env[name];
}

function isFile(path: string): boolean {
  return ifAny(() => statSync(path).isFile()) ?? false;
}

function sources(args: readonly string[]): SettingSources {
  return {
    args,
    variables,
    read: (path) => ifAny(() => readFileSync(path, "utf8")),
    isFile,
  };
}

/** What a path leads to, if it is a symbolic link. */
function linkTarget(path: string): string | undefined {
  return ifAny(() =>
    lstatSync(path).isSymbolicLink() ? realpathSync(path) : undefined
  );
}

/**
 * Whether a shell runs this as a background job of its terminal. The system would stop skiff there as soon as it read
 * keys, and Deno cannot tell it so without more permissions.
 */
function isBackgroundJob(): boolean {
  if (process.platform === "win32" || !process.stdin.isTTY) return false;
  const isForeground =
    ifAny(() => foregroundOfStat(readFileSync("/proc/self/stat", "utf8"))) ??
      ifAny(() =>
        foregroundOfPs(
          execFileSync("ps", psArguments(process.pid), { encoding: "utf8" }),
        )
      );
  return isForeground === false;
}

/** The arguments of deno. Throws a UsageError for options that skiff would refuse. */
async function denoArguments(args: readonly string[]): Promise<string[]> {
  const permissions = permissionsFor(await resolveSettings(sources(args)), {
    program: PROGRAM,
    builtInSite: join(PROGRAM, "static"),
    variables,
    linkTarget,
    os: process.platform === "win32" ? "windows" : process.platform,
    isFile,
  });
  return [
    "run",
    ...FLAGS,
    ...permissionArguments(permissions),
    join(PROGRAM, "main.js"),
    ...args,
  ];
}

/** Runs deno in place of this process where Node.js can do that, or else as its child. */
function runDeno(args: readonly string[]): void {
  const path = denoPath();
  if (process.platform !== "win32" && "execve" in process) {
    process.execve!(path, [path, ...args], definedVariables());
  }
  const child = spawn(path, args, { stdio: "inherit" });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const isByTerminal = signal === "SIGINT" && process.stdin.isTTY;
      if (!isByTerminal) child.kill(signal);
    });
  }
  child.on("error", ({ message }) => fail(`Cannot start Deno: ${message}`, 1));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

function definedVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(failureText(message));
  process.exitCode = exitCode;
}

addMissing();
if (isBackgroundJob()) process.env["SKIFF_KEYS"] ??= "false";
try {
  runDeno(await denoArguments(process.argv.slice(2)));
} catch (error) {
  fail((error as Error).message, error instanceof UsageError ? 2 : 1);
}
