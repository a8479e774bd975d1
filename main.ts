/**
 * skiff: a static file web server. Wiring only: arguments → site → responder →
 * accept loop, and the only place that calls Deno.listen.
 *
 * @module
 */

import { resolve } from "@std/path";
import { failureText, startText } from "./lib/cli/banner.ts";
import {
  helpText,
  type Options,
  parseOptions,
  UsageError,
} from "./lib/cli/options.ts";
import { Responder } from "./lib/respond.ts";
import { AccessLog } from "./lib/server/access_log.ts";
import { Server } from "./lib/server/listener.ts";
import { DIRECTORY_DEFAULTS, DirectorySite } from "./lib/site/directory.ts";
import { createPolicy, type Policy } from "./lib/site/policy.ts";
import project from "./deno.json" with { type: "json" };

/** The port when none is asked for, and how many after it are tried when it is taken. */
const DEFAULT_PORT = 8000;
const PORT_ATTEMPTS = 100;

/** How long replies may take to finish after a signal to stop, in ms. */
const GRACE_MS = 10_000;

/** A start that cannot be made. Its message is for the person who tried. */
class StartError extends Error {
  override name = "StartError";
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

function report(error: unknown): void {
  say(failureText(
    error instanceof Error ? error.stack ?? error.message : String(error),
  ));
}

/** The absolute path of the directory to serve, once it is known to be one that can be read. */
function rootDirectory(root: string | undefined): string {
  if (root === undefined) return `${import.meta.dirname}/static`;
  const path = resolve(root);
  const permission = Deno.permissions.querySync({ name: "read", path });
  if (permission.state !== "granted") {
    throw new StartError(
      `Cannot read "${root}" without permission: run with --allow-read=${path}`,
    );
  }
  try {
    if (!Deno.statSync(path).isDirectory) {
      throw new StartError(`Cannot serve "${root}": it is not a directory`);
    }
    Deno.readDirSync(path)[Symbol.iterator]().next();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new StartError(`Cannot serve "${root}": it does not exist`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new StartError(
        `Cannot serve "${root}": the user running skiff may not read it`,
      );
    }
    throw error;
  }
  return path;
}

/** Opens the listener. Without a wish for a port, the next free one will do. */
function listen(
  hostname: string,
  wished: number | undefined,
): Deno.TcpListener {
  const first = wished ?? DEFAULT_PORT;
  const last = wished ?? DEFAULT_PORT + PORT_ATTEMPTS - 1;
  for (let port = first;; port++) {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const name = `${host}:${port}`;
    const permission = Deno.permissions.querySync({ name: "net", host: name });
    if (permission.state !== "granted") {
      throw new StartError(
        `Cannot listen on ${name} without permission: run with --allow-net=${name}`,
      );
    }
    try {
      return Deno.listen({ hostname, port });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse && port < last) continue;
      throw new StartError(`Cannot listen on ${name}: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is taken; choose another with --port, or 0 for any";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have the address; choose another with --host";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it; ports below 1024 need a privilege";
  }
  return error instanceof Error ? error.message : String(error);
}

/** Stops at the first signal, ends at the second. Returns what takes the listeners away again. */
function stopOnSignals(server: Server): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  let seen = 0;
  const onSignal = () => {
    if (++seen > 1) Deno.exit(1);
    server.stop(GRACE_MS);
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
}

function policyOf(options: Options): Policy {
  const { index, spa, listing, cacheControl, cors, coi, headers } = options;
  return createPolicy({
    index,
    spa,
    listing,
    cacheControl,
    cors,
    coi,
    fields: headers,
  });
}

/** Serves until a signal. */
async function serve(options: Options): Promise<void> {
  const site = new DirectorySite(rootDirectory(options.root), {
    ...DIRECTORY_DEFAULTS,
    compress: options.compression,
  });
  const listener = listen(options.host, options.port);
  const { hostname, port } = listener.addr;
  const log = options.quiet ? undefined : new AccessLog(Deno.stdout, report);
  const responder = new Responder(site, policyOf(options));
  const server = new Server(listener, {
    respond: (head, now) => responder.respond(head, now),
    record: log?.record,
    report,
  });
  const removeListeners = stopOnSignals(server);
  const wished = options.port ?? DEFAULT_PORT;
  const takenPort = wished === 0 || wished === port ? undefined : wished;
  const isColored = !Deno.noColor && Deno.stderr.isTerminal();
  const start = { root: options.root, hostname, port, takenPort };
  const served = server.serve();
  say(startText(start, isColored));
  await served;
  removeListeners();
  await log?.close();
  site.close();
}

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) {
      Deno.stdout.writeSync(new TextEncoder().encode(helpText()));
    } else if (options.version) {
      const version = `skiff ${project.version}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(version));
    } else {
      await serve(options);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) {
      report(error);
      return 1;
    }
    say(failureText(error.message));
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) {
  // Exiting by hand would cut off what is still being written.
  Deno.exitCode = await main(Deno.args);
}
