/**
 * skiff: a static file web server. Wiring only: arguments → plan → service →
 * accept loop. Every port is opened here, those for TLS by way of `server/tls/listener.ts`.
 *
 * @module
 */

import { hashPasswordCommand, PasswordError } from "./lib/access/password.ts";
import {
  failureText,
  siteUrl,
  startText,
  versionText,
} from "./lib/cli/banner.ts";
import { helpText } from "./lib/cli/help.ts";
import { UsageError } from "./lib/cli/options.ts";
import { permissionFlag } from "./lib/cli/shell.ts";
import {
  printConfigText,
  type ResolvedSettings,
  resolveSettings,
} from "./lib/cli/settings.ts";
import { BACKLOG_MAX } from "./lib/server/listener.ts";
import { Diagnostics } from "./lib/observe/diagnostics.ts";
import { errorMessage } from "./lib/observe/error_text.ts";
import { Reports } from "./lib/observe/reports.ts";
import type { Loopback } from "./lib/server/rounds.ts";
import {
  CAN_SERVE_TLS,
  ReplacedListener,
  TlsListener,
} from "./lib/server/tls/listener.ts";
import { Admin } from "./lib/service/admin.ts";
import { checkPlan } from "./lib/service/site_handler.ts";
import {
  type Crew,
  type Ports,
  serveAlone,
  serveWithWorkers,
  type TaskListener,
  work,
  type WorkerScope,
} from "./lib/service/crew.ts";
import { KeyPairWatch } from "./lib/service/certificates.ts";
import { explain } from "./lib/service/explain.ts";
import { HttpsRedirect } from "./lib/service/https_redirect.ts";
import { PlanError } from "./lib/service/plan.ts";
import {
  type AddressOptions,
  demandNet,
  isGranted,
  listenError,
  mayListen,
  StartError,
} from "./lib/service/startup.ts";
import { readPassword } from "./lib/service/prompt.ts";
import { onSignals } from "./lib/service/signals.ts";
import { Stopping } from "./lib/service/stopping.ts";
import {
  buildPlan,
  isolateCount,
  readSources,
  sharedMemory,
} from "./lib/service/sources.ts";
import {
  FIRST_VERSIONS,
  keyPairOf,
  keyPairPaths,
  nextTask,
  renewedTask,
  type Task,
} from "./lib/service/task.ts";
import { BundleError } from "./lib/site/bundle/format.ts";
import project from "./deno.json" with { type: "json" };

/** The port when none is asked for, and how many after it are tried when it is taken. */
const DEFAULT_PORT = 8000;
const PORT_ATTEMPTS = 100;

/** Where the built-in site is, in an executable as an archive. */
const HOME = import.meta.dirname!;

/** What an isolate is started from. */
const OWN_FILES = ["main.ts", "lib", "deno.json"].map((name) =>
  `${HOME}/${name}`
);

/** How long replies may take to finish after a signal to stop, in ms. */
const GRACE_MS = 10_000;

/** How often reports are told that were held back, in ms. */
const SWEEP_MS = 5_000;

const reports = new Reports(Deno.stderr);
const say = reports.write;

/** Prints all of a text, however slowly it is read: what a command was run for. */
function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

const diagnostics = new Diagnostics(say, () => performance.now());

/** Opens the first listener. Without a wish for a port, the next free one will do. */
function listen(
  hostname: string,
  requested: number | undefined,
  names: AddressOptions,
): Deno.TcpListener {
  const first = requested ?? DEFAULT_PORT;
  const last = requested ?? DEFAULT_PORT + PORT_ATTEMPTS - 1;
  for (let port = first;; port++) {
    demandNet(hostname, port);
    try {
      return Deno.listen({ hostname, port, tcpBacklog: BACKLOG_MAX });
    } catch (error) {
      const isTaken = error instanceof Deno.errors.AddrInUse;
      if (isTaken && port < last && mayListen(hostname, port + 1)) continue;
      throw listenError(hostname, port, error, names);
    }
  }
}

/** Opens a listener beside others of the process on the same port. */
async function listenBeside(
  { hostname, port, tls }: Task,
): Promise<TaskListener> {
  // Only Linux lets listeners share a port.
  const address = { hostname, port, reusePort: Deno.build.os === "linux" };
  if (tls === undefined) {
    return Deno.listen({ ...address, tcpBacklog: BACKLOG_MAX });
  }
  return CAN_SERVE_TLS
    ? await TlsListener.open(address, tls)
    : new ReplacedListener(address, tls);
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

/** What crews cannot do for themselves. */
const PORTS: Ports = { listenBeside, openLoopback };

/** The name that tells a worker's isolate from the first one: both run this file. */
const WORKER_NAME = "skiff worker";

/** Starts an isolate that runs this file. */
function spawn(): Worker {
  const missing = OWN_FILES.filter((path) =>
    !isGranted({ name: "read", path })
  );
  if (missing.length > 0) {
    throw new StartError(
      `Cannot start workers without permission to read skiff itself: add ${
        permissionFlag("--allow-read", missing)
      }`,
    );
  }
  return new Worker(import.meta.url, { type: "module", name: WORKER_NAME });
}

/** Opens the ports beside the site's. Returns what ends them, what tells them of that and of another plan, and what is said of them at the start. */
function serveOthers(task: Task) {
  const { plan, tls } = task;
  const { options, memory } = plan;
  const { report } = diagnostics;
  const lines: string[] = [];
  let redirect: HttpsRedirect | undefined;
  if (tls !== undefined && options.httpsRedirect !== undefined) {
    const names = { host: "--host", port: "--https-redirect" };
    const listener = listen(options.host, options.httpsRedirect, names);
    const from = siteUrl(options.host, listener.addr.port);
    lines.push(`Redirecting from ${from}`);
    redirect = new HttpsRedirect(listener, task, report);
    for (const remark of redirect.remarks) say(failureText(remark));
  }
  let admin: Admin | undefined;
  if (options.admin !== undefined) {
    const { host } = options.admin;
    const names = { host: "--admin", port: "--admin" };
    const listener = listen(host, options.admin.port, names);
    lines.push(`Metrics and health on ${siteUrl(host, listener.addr.port)}`);
    const { metrics } = memory;
    const { version } = project;
    admin = new Admin(listener, { figures: metrics, host, version, report });
  }
  // The names of the site, and of its certificate, can change.
  const follow = (next: Task) => redirect?.follow(next);
  const drain = () => {
    admin?.unready();
    redirect?.drain();
  };
  const close = async () => {
    await redirect?.close();
    await admin?.close();
  };
  return { admin, lines, follow, drain, close };
}

/** Gives the crew what has changed, as far as that can be followed; else all stays as it is, and it is said why. */
function reload(crew: Crew, task: Task): Task {
  return follow(crew, task, () => nextTask(task, Deno.args, HOME), {
    done: "Reloaded",
    failed: "Nothing was reloaded",
  });
}

/** Gives the crew the key pair that is in the files now, and nothing else. */
function renew(crew: Crew, task: Task): Task {
  return follow(crew, task, () => renewedTask(task), {
    done: "The certificate was read anew",
    failed: "The certificate stays as it was",
  });
}

function follow(
  crew: Crew,
  task: Task,
  read: () => { task: Task; remarks: readonly string[] },
  words: { readonly done: string; readonly failed: string },
): Task {
  try {
    const { task: next, remarks } = read();
    if (next === task) return task;
    for (const remark of remarks) say(failureText(remark));
    crew.update(next);
    say(`${words.done}\n`);
    return next;
  } catch (error) {
    // Whatever it is, it is no reason to stop serving.
    const reason = errorMessage(error);
    say(failureText(`${words.failed}: ${reason}`));
    return task;
  }
}

/** Opens the ports and serves, until a signal. */
async function start(settings: ResolvedSettings): Promise<void> {
  const { options } = settings;
  const isolates = isolateCount(options);
  const plan = buildPlan(options, HOME, sharedMemory(isolates));
  const { tls, remarks } = keyPairOf(plan);
  // An isolate that serves alone tells of them itself.
  const known = isolates > 1 ? checkPlan(plan) : [];
  for (const remark of [...remarks, ...known]) say(failureText(remark));
  const listener = listen(options.host, options.port, {
    host: "--host",
    port: "--port",
  });
  const { hostname, port } = listener.addr;
  let task: Task = {
    ...FIRST_VERSIONS,
    plan,
    tls,
    hostname,
    port,
    problems: known,
  };
  const others = serveOthers(task);
  // It has shown that the port is free; others can share it only with each other.
  const isShared = isolates > 1 || tls !== undefined;
  if (isShared) {
    listener.close();
    demandNet(hostname, port);
  }
  const onDeath = (index: number) => others.admin?.countRestart(index);
  const crew = isolates > 1
    ? serveWithWorkers(task, { spawn, diagnostics, onDeath })
    : await serveAlone(
      task,
      isShared ? await listenBeside(task) : listener,
      PORTS,
      diagnostics,
    );
  for (const remark of crew.remarks) say(failureText(remark));
  task = { ...task, problems: [...known, ...crew.remarks] };
  const adopt = (next: Task) => {
    task = next;
    others.follow(next);
  };
  const watch = tls &&
    new KeyPairWatch(
      () => keyPairPaths(task),
      () => adopt(renew(crew, task)),
    );
  const sweeper = setInterval(() => diagnostics.sweep(), SWEEP_MS);
  const stopping = new Stopping(plan.memory.metrics, say);
  const forget = onSignals({
    stop: () => {
      crew.drain();
      others.drain();
      stopping.begin(task.plan.options.drain, GRACE_MS, crew.stop);
    },
    exitCode: () => stopping.exitCode(),
    reload: () => adopt(reload(crew, task)),
  });
  await crew.ready;
  others.admin?.ready();
  announce(task, others.lines);
  await crew.ended;
  forget();
  stopping.end();
  watch?.close();
  clearInterval(sweeper);
  await others.close();
  diagnostics.flush();
}

/** Tells the person at the terminal that connections are accepted. */
function announce(
  { plan, tls, hostname, port }: Task,
  others: readonly string[],
): void {
  const { options } = plan;
  const requested = options.port ?? DEFAULT_PORT;
  const start = {
    root: options.root === undefined ? undefined : plan.root,
    hostname,
    port,
    isTls: tls !== undefined,
    others,
    takenPort: requested === 0 || requested === port ? undefined : requested,
    missingWorkers: Deno.build.os !== "linux" && options.workers !== 1,
  };
  say(startText(start, !Deno.noColor && Deno.stderr.isTerminal()));
}

/** Does what the command line asks for. */
async function run(args: readonly string[]): Promise<void> {
  const settings = resolveSettings(readSources(args));
  const { command, operands, options } = settings;
  if (options.help !== undefined) return print(helpText(options.help));
  if (options.version) {
    return print(versionText({ skiff: project.version, ...Deno.version }));
  }
  if (command === "hash-password") {
    const [name] = operands;
    return print(
      await hashPasswordCommand(() => readPassword(say, name), name),
    );
  }
  for (const warning of settings.warnings) say(failureText(warning));
  if (options.printConfig) return print(printConfigText(settings));
  if (command === "serve") return await start(settings);
  const plan = buildPlan(options, HOME, sharedMemory(1));
  print(await explain(plan, operands[0]!, settings.fields));
}

const KNOWN = [UsageError, StartError, PlanError, PasswordError, BundleError];

/** Whether an error is the person's, whose message then says all. */
function isKnown(error: unknown): error is Error {
  return KNOWN.some((kind) => error instanceof kind);
}

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    if (!isKnown(error)) {
      diagnostics.report(error);
      return 1;
    }
    say(failureText(error.message));
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await reports.close();
  }
}

const scope = globalThis as unknown as WorkerScope;
if (scope.name === WORKER_NAME) work(scope, PORTS);
// Without waiting for writes to clients that do not read: everything else is written.
else if (import.meta.main) Deno.exit(await main(Deno.args));
