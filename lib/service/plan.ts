/**
 * Plan: all that an isolate needs to know to serve, as plain data that can be
 * sent to it, and sent anew when something has changed.
 *
 * @module
 */

import type { LimitMemory } from "../access/limits.ts";
import type { LoginMemory } from "../access/login_limits.ts";
import type { Options } from "../cli/options.ts";

/** Memory that all isolates share, so that limits and metrics are the process's. */
export interface SharedMemory {
  /** For requests per second. */
  readonly requests: LimitMemory;
  /** For logins. */
  readonly logins: LoginMemory;
  /** For connections per address. */
  readonly connections: LimitMemory;
  /** For metrics: see `metric_layout.ts`. */
  readonly metrics: SharedArrayBuffer;
}

/** What is to be served, and how. */
export interface Plan {
  /** The values of all options. */
  readonly options: Options;
  /** Absolute path of the directory, or of the archive inside the executable. */
  readonly root: string;
  /** Whether the root is that archive. */
  readonly isArchive: boolean;
  /** How many isolates serve. */
  readonly isolates: number;
  /** Text of the file with names and passwords; undefined when there is none. */
  readonly credentials: string | undefined;
  /** Memory that all isolates share. */
  readonly memory: SharedMemory;
}

/** Something in a plan that cannot be followed. Its message is for the person whose plan it is. */
export class PlanError extends Error {
  /** Its name. */
  override name = "PlanError";
}

/** Options that an isolate looks at once: another value needs a restart. */
const FIXED: readonly (keyof Options)[] = [
  "host",
  "port",
  "workers",
  "admin",
  "proxyProtocol",
  "httpsRedirect",
  "log",
  "requestId",
  "connectionsPerAddress",
];

/** Options that hold only where TLS is, which comes and goes with a restart. */
const OF_TLS: readonly (keyof Options)[] = [
  "tlsCert",
  "tlsKey",
  "hsts",
];

/** New options in place of those that are followed, but for what only a restart can change: that stays, and its keys are `late`. */
export function reloadableOptions(
  before: Options,
  wished: Options,
): { options: Options; late: readonly string[] } {
  const hasTls = ({ tlsCert }: Options) => tlsCert !== undefined;
  const fixed = hasTls(before) === hasTls(wished)
    ? FIXED
    : [...FIXED, ...OF_TLS];
  const late = fixed.filter((key) =>
    JSON.stringify(before[key]) !== JSON.stringify(wished[key])
  );
  const kept = late.map((key) => [key, before[key]]);
  return { options: { ...wished, ...Object.fromEntries(kept) }, late };
}

/** Whether an address or name that is listened on can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const authority = host.includes(":") ? `[${host}]` : host;
  // However it is written: "127.1" and "0:0:0:0:0:0:0:1" are loopback addresses too.
  const name = URL.parse(`http://${authority}`)?.hostname ?? host;
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/i
    .test(name);
}
