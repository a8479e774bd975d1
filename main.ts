/**
 * skiff: a static file web server. Arguments → settings → plan → service →
 * accept loop. Opens every port, those for TLS by way of
 * `server/tls/listener.ts`. What a plain start does not need is imported where
 * it is first needed.
 *
 * @module
 */

import {
  hashPasswordCommand,
  InterruptedError,
  PasswordError,
} from "./lib/access/password.ts";
import { failureText, siteUrl, versionText } from "./lib/cli/banner.ts";
import { isServing, type Shell } from "./lib/cli/commands.ts";
import { type Options, UsageError } from "./lib/cli/options.ts";
import { printConfigText, resolveSettings } from "./lib/cli/settings.ts";
import { LOOPBACK, permissionFlag } from "./lib/cli/permissions.ts";
import { parseField } from "./lib/cli/values.ts";
import { Diagnostics } from "./lib/observe/diagnostics.ts";
import { reportWriter } from "./lib/observe/reports.ts";
import { BACKLOG_MAX } from "./lib/server/listener.ts";
import type { Loopback } from "./lib/server/rounds.ts";
import type { KeyPair } from "./lib/server/tls/listener.ts";
import type { Admin } from "./lib/service/admin.ts";
import { announce } from "./lib/service/announce.ts";
import { partsOf } from "./lib/service/handler.ts";
import type { HttpsRedirect } from "./lib/service/https_redirect.ts";
import { openKeySource } from "./lib/service/key_source.ts";
import { type Plan, PlanError } from "./lib/service/plan.ts";
import {
  Reloader,
  watchReleases,
  watchSettings,
} from "./lib/service/reload.ts";
import { Service, type SiteListener } from "./lib/service/service.ts";
import { onSignals } from "./lib/service/signals.ts";
import { checkPlan } from "./lib/service/site_handler.ts";
import { reportUncaught } from "./lib/service/uncaught.ts";
import {
  buildPlan,
  isolateCount,
  readSources,
  sharedMemory,
} from "./lib/service/sources.ts";
import {
  type AddressOptions,
  demandNet,
  demandOwnFiles,
  listenError,
  mayUse,
  StartError,
} from "./lib/service/startup.ts";
import { INTERRUPTED, Stopping } from "./lib/service/stopping.ts";
import { logLook, lookAt, openLogFormat } from "./lib/service/terminal.ts";
import {
  type ListenAddress,
  runWorker,
  type WorkerScope,
} from "./lib/service/worker.ts";
import type { Workers } from "./lib/service/workers.ts";
import { BundleError } from "./lib/site/bundle/archive.ts";
import project from "./deno.json" with { type: "json" };

/** The port without --port, and how many ports from there on are tried if it is taken. */
const DEFAULT_PORT = 8000;
const PORT_ATTEMPTS = 100;

/** Where the built-in site is; in an executable, as an archive. */
const HOME = import.meta.dirname!;

/** The files that a worker starts from. */
const OWN_FILES = ["main.ts", "lib", "deno.json"].map((name) =>
  `${HOME}/${name}`
);

/** The name of a worker's isolate, which runs this file like the main one. */
const WORKER_NAME = "skiff worker";

/** How long replies may take to finish after a signal to stop, in ms. */
const GRACE_MS = 10_000;

/** How often reports that were held back are written, in ms. */
const SWEEP_MS = 5_000;

const reports = reportWriter(Deno.stderr);
const say = (lines: string): void => reports.append(lines);
const diagnostics = new Diagnostics(say, () => performance.now());
const { report } = diagnostics;

function warn(texts: readonly string[]): void {
  for (const text of texts) say(failureText(text));
}

/** Prints all of a text to standard output, however slowly that is read. */
function print(text: string): undefined {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

/** Opens a listener on the requested port, or on the first free one from the default port on. */
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
      if (isTaken && port < last && mayUse(hostname, port + 1)) continue;
      throw listenError(hostname, port, error, names);
    }
  }
}

/** Opens a listener that can share its port with others of the process. */
async function listenShared(
  { hostname, port }: ListenAddress,
  keyPair: KeyPair | undefined,
  http2: boolean,
): Promise<SiteListener> {
  // Only Linux lets listeners share a port.
  const address = { hostname, port, reusePort: Deno.build.os === "linux" };
  if (keyPair === undefined) {
    return Deno.listen({ ...address, tcpBacklog: BACKLOG_MAX });
  }
  const { CAN_SERVE_TLS, ReplacedListener, TlsListener } = await import(
    "./lib/server/tls/listener.ts"
  );
  return CAN_SERVE_TLS
    ? await TlsListener.open(
      address,
      keyPair,
      http2 ? ["h2", "http/1.1"] : ["http/1.1"],
    )
    : new ReplacedListener(address, keyPair);
}

/** Connects the process to itself, for serving in rounds. Without permission, reports that and returns undefined. */
async function openLoopback(
  report: (text: string) => void,
): Promise<Loopback | undefined> {
  const hostname = LOOPBACK;
  if (mayUse(hostname, 0)) {
    using listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr;
    if (mayUse(hostname, port)) {
      const [near, far] = await Promise.all([
        Deno.connect({ hostname, port }),
        listener.accept(),
      ]);
      near.setNoDelay(true);
      const { remoteAddr } = far as Deno.TcpConn;
      if (remoteAddr.port === near.localAddr.port) return { near, far };
      // Another program on this machine connected first.
      near.close();
      far.close();
    }
  }
  report(
    `Busy connections may hold up others: add ${
      permissionFlag("--allow-net", [hostname])
    }`,
  );
  return undefined;
}

/** Starts an isolate that runs this file. */
function spawn(): Worker {
  demandOwnFiles(OWN_FILES);
  return new Worker(import.meta.url, { type: "module", name: WORKER_NAME });
}

/** Serves the site on a listener's port: in this isolate, or in workers. */
async function openService(
  plan: Plan,
  listener: Deno.TcpListener,
  onDeath: (index: number) => void,
): Promise<Service | Workers> {
  const { keyPair, isolates } = plan;
  const { hostname, port } = listener.addr;
  const address = { hostname, port };
  const logSink = Deno.stdout;
  const look = logLook(plan.options.log, lookAt(logSink));
  const isShared = isolates > 1 || keyPair !== undefined;
  if (isShared) {
    // The listener has shown that the port is free; those that share it are opened differently.
    listener.close();
    demandNet(hostname, port);
  }
  if (isolates > 1) {
    const warnings = checkPlan(plan);
    const deps = {
      address,
      warnings,
      spawn,
      logSink,
      logLook: look,
      report,
      onDeath,
    };
    const { Workers } = await import("./lib/service/workers.ts");
    return new Workers(plan, deps);
  }
  return new Service(plan, {
    listener: isShared
      ? await listenShared(address, keyPair, plan.options.http2)
      : listener,
    loopback: await openLoopback(report),
    logSink,
    logFormat: await openLogFormat(look),
    ...await partsOf(plan),
    report,
    worker: undefined,
  });
}

/** Serves the ports beside the site's: the redirect to HTTPS, and the admin port. */
async function serveOthers(plan: Plan, sitePort: number) {
  const { options, keyPair, memory: { metrics } } = plan;
  /** What to announce, a line for each port. */
  const lines: string[] = [];
  let redirect: HttpsRedirect | undefined;
  if (keyPair !== undefined && options.httpsRedirect !== undefined) {
    const names = { host: "--host", port: "--https-redirect" };
    const listener = listen(options.host, options.httpsRedirect, names);
    const from = siteUrl(options.host, listener.addr.port);
    lines.push(`Redirecting from ${from}`);
    const { HttpsRedirect } = await import("./lib/service/https_redirect.ts");
    redirect = new HttpsRedirect(listener, plan, sitePort, report);
    warn(redirect.warnings);
  }
  let admin: Admin | undefined;
  if (options.admin !== undefined) {
    const { host, port } = options.admin;
    const listener = listen(host, port, { host: "--admin", port: "--admin" });
    lines.push(`Metrics and health on ${siteUrl(host, listener.addr.port)}`);
    const { version } = project;
    const { Admin } = await import("./lib/service/admin.ts");
    admin = new Admin(listener, { metrics, host, version, report });
    admin.reload(plan);
  }
  return {
    lines,
    countRestart: (index: number) => admin?.countRestart(index),
    ready: () => admin?.ready(),
    reload: (plan: Plan) => {
      admin?.reload(plan);
      redirect?.reload(plan);
    },
    drain: () => {
      admin?.unready();
      redirect?.drain();
    },
    close: () => Promise.all([redirect?.close(), admin?.close()]),
  };
}

/** Opens the ports and serves until a signal. */
async function serve(options: Options): Promise<void> {
  const keys = await openKeySource(options, say);
  const { keyPair } = keys;
  warn(keys.warnings);
  for (const note of keys.notes) say(note);
  const memory = sharedMemory(isolateCount(options));
  const parts = { options, home: HOME, memory, keyPair };
  const { plan, warnings } = await buildPlan(parts);
  warn(warnings);
  const names = { host: "--host", port: "--port" };
  const listener = listen(options.host, options.port, names);
  const address = listener.addr;
  const others = await serveOthers(plan, address.port);
  const service = await openService(plan, listener, others.countRestart);
  warn(service.warnings);

  const reloader = new Reloader(plan, {
    source: { args: Deno.args, home: HOME },
    service,
    onPlan: others.reload,
    say,
  });
  const watches = [await keys.watch(reloader), await watchSettings(reloader)];
  const releases = await watchReleases(reloader, say);
  const stopping = new Stopping(memory.metrics, say);
  let screen: { close(): void } | undefined = undefined;
  const signals = onSignals({
    stop: () => {
      screen?.close();
      service.drain();
      others.drain();
      const { drain } = reloader.plan.options;
      stopping.begin(drain, GRACE_MS, (graceMs) => void service.stop(graceMs));
    },
    exitCode: () => stopping.exitCode(),
    reload: releases?.reload ?? reloader.reload,
  });
  const sweeper = setInterval(() => diagnostics.sweep(), SWEEP_MS);
  using _reports = reportUncaught(globalThis, report);

  await service.ready;
  others.ready();
  screen = await announce(plan, address, {
    version: project.version,
    defaultPort: DEFAULT_PORT,
    others: others.lines,
    fingerprint: keys.fingerprint,
    say,
    quit: signals.stop,
    toggleLog: () => service.toggleLog(),
    reloadPages: options.live ? () => service.reloadAll() : undefined,
  });
  await service.ended;

  screen?.close();
  signals.close();
  stopping.end();
  for (const watch of watches) watch?.close();
  releases?.close();
  clearInterval(sweeper);
  await others.close();
  diagnostics.flush();
}

/** Runs the command that the arguments name. Returns an exit code other than 0, if it ends with one. */
async function run(args: readonly string[]): Promise<number | undefined> {
  const settings = await resolveSettings(readSources(args));
  const { command, operand, flags, options } = settings;
  if (options.help !== undefined) {
    const { helpText } = await import("./lib/cli/help.ts");
    return print(helpText(options.help, command));
  }
  if (options.version) {
    return print(versionText({ skiff: project.version, ...Deno.version }));
  }
  if (command === "hash-password") {
    const { readPassword } = await import("./lib/service/prompt.ts");
    return print(
      await hashPasswordCommand(() => readPassword(say, operand), operand),
    );
  }
  if (command === "completions") {
    const { completionText } = await import("./lib/cli/completions.ts");
    return print(completionText(operand as Shell));
  }
  warn(settings.warnings);
  if (options.printConfig) return print(printConfigText(settings));
  if (isServing(command)) {
    await serve(options);
    return undefined;
  }
  const planOf = async () => {
    const memory = sharedMemory(1);
    const built = await buildPlan({ options, home: HOME, memory });
    warn(built.warnings);
    return built.plan;
  };
  if (command === "check") {
    const { runCheck } = await import("./lib/service/check.ts");
    const { text, code } = await runCheck(flags, planOf, project.version);
    print(text);
    return code;
  }
  const { explain } = await import("./lib/service/explain.ts");
  const fields = flags.map(([name, text]) => parseField(text, `--${name}`));
  return print(await explain(await planOf(), operand!, fields));
}

/** Errors that the operator can mend. Their message says all. */
const KNOWN = [UsageError, StartError, PlanError, PasswordError, BundleError];

/** Runs the command line and returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args) ?? 0;
  } catch (error) {
    if (error instanceof InterruptedError) return INTERRUPTED;
    if (KNOWN.some((kind) => error instanceof kind)) {
      warn([(error as Error).message]);
      return error instanceof UsageError ? 2 : 1;
    }
    report(error);
    return 1;
  } finally {
    await reports.close();
  }
}

const scope = globalThis as unknown as WorkerScope;
if (scope.name === WORKER_NAME) {
  runWorker(scope, { listenShared, openLoopback });
} // Exits without waiting for writes to clients that do not read: everything else is written.
else if (import.meta.main) Deno.exit(await main(Deno.args));
