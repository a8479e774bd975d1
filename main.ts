/**
 * skiff: a static file web server. Wiring only: arguments → site → responder →
 * accept loop, and the only place that calls Deno.listen.
 *
 * @module
 */

import { resolve } from "@std/path";
import { extractText, failureText, startText } from "./lib/cli/banner.ts";
import {
  helpText,
  type Options,
  parseOptions,
  UsageError,
} from "./lib/cli/options.ts";
import { Responder } from "./lib/respond.ts";
import { AccessLog } from "./lib/server/access_log.ts";
import { CONNECTIONS_MAX, Server } from "./lib/server/listener.ts";
import type { ByteSink } from "./lib/server/output.ts";
import { type Loopback, Rounds } from "./lib/server/rounds.ts";
import { type News, type Order, Workers } from "./lib/server/workers.ts";
import { ARCHIVE_NAME, BundleSite } from "./lib/site/bundle.ts";
import { BundleError } from "./lib/site/bundle_format.ts";
import { DIRECTORY_DEFAULTS, DirectorySite } from "./lib/site/directory.ts";
import { createPolicy, type Policy } from "./lib/site/policy.ts";
import project from "./deno.json" with { type: "json" };

/** The port when none is asked for, and how many after it are tried when it is taken. */
const DEFAULT_PORT = 8000;
const PORT_ATTEMPTS = 100;

/** The site that is served when none is named: a directory, and in an executable an archive. */
const BUILT_IN_ROOT = `${import.meta.dirname}/${
  Deno.build.standalone ? ARCHIVE_NAME : "static"
}`;

/** What an isolate is started from. */
const OWN_FILES = ["main.ts", "lib", "deno.json"].map((name) =>
  `${import.meta.dirname}/${name}`
);

/** How long replies may take to finish after a signal to stop, in ms. */
const GRACE_MS = 10_000;

/** A start that cannot be made. Its message is for the person who tried. */
class StartError extends Error {
  override name = "StartError";
}

function say(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // Nobody listens any more, which is no reason to stop serving.
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function report(error: unknown): void {
  for (const line of describe(error).split("\n")) say(failureText(line));
}

/** Whether a root is the archive inside the executable. */
function isArchive(root: string): boolean {
  return Deno.build.standalone && root === BUILT_IN_ROOT;
}

/** The absolute path of the directory to serve, once it is known to be one that can be read; or of the archive. */
function rootOf(root: string = BUILT_IN_ROOT): string {
  if (isArchive(root)) return root;
  const path = resolve(root);
  if (!isGranted({ name: "read", path })) {
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
    if (!isGranted({ name: "net", host: name })) {
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

/** A connection of the process with itself, for serving in rounds; undefined where that is not allowed. */
async function openLoopback(): Promise<Loopback | undefined> {
  const hostname = "127.0.0.1";
  if (!isGranted({ name: "net", host: `${hostname}:0` })) return undefined;
  using listener = Deno.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  if (!isGranted({ name: "net", host: `${hostname}:${port}` })) {
    return undefined;
  }
  const [near, far] = await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
  near.setNoDelay(true);
  if ((far.remoteAddr as Deno.NetAddr).port === near.localAddr.port) {
    return { near, far };
  }
  // Somebody else on this machine was quicker to connect.
  near.close();
  far.close();
  return undefined;
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
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

/** What it takes to serve, in a form that can be sent to another isolate. */
interface Task {
  readonly options: Options;
  /** Absolute path of the directory. */
  readonly root: string;
  readonly hostname: string;
  readonly port: number;
}

/** What is being served, and by what. */
interface Serving {
  readonly server: Server;
  /** Is fulfilled when the last connection has ended and the log is written. */
  readonly ended: Promise<void>;
}

/** Serves a task on a listener. */
async function serve(
  { options, root }: Task,
  listener: Deno.Listener,
  logSink: ByteSink,
  report: (error: unknown) => void,
): Promise<Serving> {
  const site = openSite(root, options);
  const responder = new Responder(site, policyOf(options));
  const log = options.quiet ? undefined : new AccessLog(logSink, report);
  const loopback = await openLoopback();
  if (loopback === undefined) {
    report("Busy connections may hold up others: add --allow-net=127.0.0.1");
  }
  const server = new Server(listener, {
    respond: (head, now) => responder.respond(head, now),
    refusal: (status) => responder.error(status),
    rounds: loopback && new Rounds(loopback),
    record: log?.record,
    report,
    relieve: () => site.relieve(),
    // As with the memory: the bound is the process's.
    connectionsMax: Math.ceil(CONNECTIONS_MAX / countOfWorkers(options)),
  });
  const ended = server.serve().then(() => log?.close()).then(() => {
    site.close();
  });
  return { server, ended };
}

/** Makes ready what is to be served. Throws a BundleError for an archive that is not sound. */
function openSite(root: string, options: Options): DirectorySite | BundleSite {
  if (isArchive(root)) return new BundleSite(Deno.readFileSync(root));
  const { cache } = DIRECTORY_DEFAULTS;
  return new DirectorySite(root, {
    ...DIRECTORY_DEFAULTS,
    compress: options.compression,
    // All isolates together keep to the same bound.
    cache: { ...cache, bytes: cache.bytes / countOfWorkers(options) },
  });
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

/** How many isolates serve. Only Linux spreads the connections of one port over several listeners. */
function countOfWorkers({ workers }: Options): number {
  if (Deno.build.os !== "linux") return 1;
  return workers === "auto" ? navigator.hardwareConcurrency : workers;
}

/** Serves in this isolate until a signal. */
async function serveAlone(task: Task, listener: Deno.Listener): Promise<void> {
  const { server, ended } = await serve(task, listener, Deno.stdout, report);
  const removeListeners = onSignals(() => server.stop(GRACE_MS));
  announce(task);
  await ended;
  removeListeners();
}

/** Serves in several isolates until a signal. */
async function serveWithWorkers(task: Task, count: number): Promise<void> {
  const missing = OWN_FILES.filter((path) =>
    !isGranted({ name: "read", path })
  );
  if (missing.length > 0) {
    throw new StartError(
      `Cannot start workers without permission to read skiff itself: add --allow-read=${missing}`,
    );
  }
  const log = new AccessLog(Deno.stdout, report);
  const decoder = new TextDecoder();
  const workers = new Workers<Task>({
    count,
    task,
    spawn: () =>
      new Worker(import.meta.url, { type: "module", name: WORKER_NAME }),
    log: (bytes) => log.append(decoder.decode(bytes)),
    report,
  });
  const removeListeners = onSignals(() => workers.stop(GRACE_MS));
  await Promise.race([workers.ready, workers.ended]);
  announce(task);
  await workers.ended;
  removeListeners();
  await log.close();
}

/** The name that tells a worker's isolate from the first one: both run this file. */
const WORKER_NAME = "skiff worker";

/** The part of a worker: serves when told to, and stops when told to. */
function work(scope: WorkerScope): void {
  const tell = (news: News) => scope.postMessage(news);
  let serving: Promise<Serving> | undefined;
  scope.onmessage = async ({ data: order }: MessageEvent<Order<Task>>) => {
    if (order.kind === "stop") {
      await (await serving)?.server.stop(order.graceMs);
      return;
    }
    const { hostname, port } = order.task;
    const listener = Deno.listen({ hostname, port, reusePort: true });
    const logSink: ByteSink = {
      write(bytes) {
        tell({ kind: "log", bytes: bytes.slice() });
        return Promise.resolve(bytes.length);
      },
    };
    serving = serve(
      order.task,
      listener,
      logSink,
      (error) => tell({ kind: "report", text: describe(error) }),
    );
    const { ended } = await serving;
    tell({ kind: "ready" });
    await ended;
    tell({ kind: "stopped" });
  };
}

/** What a worker's isolate has of its own; the compiler is told of the first isolate's only. */
interface WorkerScope {
  readonly name: string;
  onmessage: (event: MessageEvent<Order<Task>>) => void;
  postMessage(news: News): void;
}

/** Calls back at the first signal to stop, and ends the process at the second. Returns what undoes that. */
function onSignals(stop: () => void): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  let seen = 0;
  const onSignal = () => {
    if (++seen > 1) Deno.exit(1);
    stop();
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
}

/** Tells the person at the terminal that connections are accepted. */
function announce({ options, hostname, port }: Task): void {
  const wished = options.port ?? DEFAULT_PORT;
  const start = {
    root: options.root,
    hostname,
    port,
    takenPort: wished === 0 || wished === port ? undefined : wished,
    missingWorkers: Deno.build.os !== "linux" && options.workers !== 1,
  };
  say(startText(start, !Deno.noColor && Deno.stderr.isTerminal()));
}

/** Opens the port and serves, in as many isolates as are wished for. */
async function start(options: Options): Promise<void> {
  const root = rootOf(options.root);
  const count = countOfWorkers(options);
  // Workers open it for themselves; whether it is sound is told once, and before anything else.
  if (count > 1 && isArchive(root)) openSite(root, options);
  const listener = listen(options.host, options.port);
  const { hostname, port } = listener.addr;
  const task = { options, root, hostname, port };
  if (count === 1) return await serveAlone(task, listener);
  // It has shown that the port is free; the workers' listeners can share it only with each other.
  listener.close();
  await serveWithWorkers(task, count);
}

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.extract !== undefined) {
      throw new StartError(extractText(options.extract));
    }
    if (options.help) {
      Deno.stdout.writeSync(new TextEncoder().encode(helpText()));
    } else if (options.version) {
      const { deno, v8 } = Deno.version;
      const version = `skiff ${project.version}\ndeno ${deno}\nv8 ${v8}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(version));
    } else {
      await start(options);
    }
    return 0;
  } catch (error) {
    const isKnown = error instanceof UsageError ||
      error instanceof StartError || error instanceof BundleError;
    if (!isKnown) {
      report(error);
      return 1;
    }
    say(failureText(error.message));
    return error instanceof UsageError ? 2 : 1;
  }
}

const scope = globalThis as unknown as WorkerScope;
if (scope.name === WORKER_NAME) work(scope);
// Without waiting for writes to clients that do not read: everything else is written.
else if (import.meta.main) Deno.exit(await main(Deno.args));
