/**
 * Asks other servers whether links to them work: few requests at a time, fewer
 * for one host, and never to an address inside the operator's own network.
 *
 * @module
 */

import type { FindingCollector, FindingPlace } from "../check/findings.ts";
import { Networks } from "../access/networks.ts";
import { permissionFlag } from "../cli/permissions.ts";
import { parseIpv4, parseIpv6 } from "../http/host.ts";
import { quote } from "../http/printable.ts";
import {
  requestOnce,
  type ServerAddress,
  serverAddressOf,
} from "./plain_client.ts";
import { mayUse } from "./startup.ts";

/** Most requests at a time. */
export const TOGETHER_MAX = 8;

/** Most requests to one host at a time. */
export const PER_HOST_MAX = 2;

/** Time for one request, from the lookup of the name to the end of the head, in milliseconds. */
export const REQUEST_MS = 10_000;

/** Time for all links, in milliseconds: those that are left then are not checked. */
export const LINKS_MS: number = 30 * 60_000;

/**
 * Links in a row without a response: the others are not checked. Each of the {@linkcode PER_HOST_MAX} requests to a
 * host counts its own.
 */
export const SILENT_MAX = 3;

/** Most redirects of one link. */
export const EXTERNAL_REDIRECTS_MAX = 5;

/** Networks that are not the public Internet (RFC 6890 and the registries of special-purpose addresses). */
const NOT_PUBLIC = new Networks([
  ..."0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16".split(" "),
  ..."172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16".split(" "),
  ..."198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3".split(" "),
  // NAT64: these reach IPv4 addresses, private ones included.
  ..."64:ff9b::/96 64:ff9b:1::/48".split(" "),
  ..."::/96 100::/64 2001::/23 2001:db8::/32 2002::/16".split(" "),
  ..."fc00::/7 fe80::/10 fec0::/10 ff00::/8".split(" "),
]);

/** Whether an address is one of the public Internet. */
export function isPublicAddress(address: string): boolean {
  return !NOT_PUBLIC.has(address);
}

/** What a link led to. */
export type ExternalResult =
  | { readonly kind: "ok" }
  | {
    readonly kind: "dead";
    readonly reason: string;
    /** Whether no server responded. */
    readonly isSilent?: boolean;
  }
  | { readonly kind: "unchecked"; readonly reason: string };

/** Statuses with which servers refuse programs, although the page may exist for people. */
const REFUSALS: ReadonlySet<number> = new Set([
  401,
  403,
  406,
  407,
  408,
  425,
  429,
  451,
  500,
  502,
  503,
  504,
  999,
]);

/** Asks for one address with a method, and returns status and Location. Rejects if there is no response. */
export type ExternalFetcher = (
  url: URL,
  method: "HEAD" | "GET",
) => Promise<
  { readonly status: number; readonly location: string | undefined }
>;

/** Checks links to other servers. Reports to the collector. */
export async function checkExternal(
  links: ReadonlyMap<string, FindingPlace>,
  findings: FindingCollector,
  onProgress: (done: number, total: number) => void,
  ask: ExternalFetcher = askPublic,
  linksMs: number = LINKS_MS,
): Promise<void> {
  const byHost = Map.groupBy(links, ([address]) => new URL(address).host);
  // Deals the links of one host to a few queues.
  const queues = [...byHost.values()].flatMap((queue) => [
    ...Map.groupBy(queue, (_, index) => index % PER_HOST_MAX).values(),
  ]);
  const over = AbortSignal.timeout(linksMs);
  let done = 0;
  const checkQueue = async (
    queue: readonly (readonly [string, FindingPlace])[],
  ) => {
    let silent = 0;
    for (const [address, place] of queue) {
      onProgress(done++, links.size);
      const left = over.aborted
        ? "time ran out before some links were checked"
        : silent >= SILENT_MAX
        ? `${quote(new URL(address).host)} did not respond to other links`
        : undefined;
      if (left !== undefined) {
        findings.add("external-unchecked", left, place);
        continue;
      }
      const result = await checkOne(new URL(address), ask);
      silent = result.kind === "dead" && result.isSilent ? silent + 1 : 0;
      if (result.kind === "ok") continue;
      const rule = result.kind === "dead"
        ? "dead-external"
        : "external-unchecked";
      findings.add(rule, `${quote(address)}: ${result.reason}`, place);
    }
  };
  const work = async () => {
    for (let queue = queues.pop(); queue !== undefined; queue = queues.pop()) {
      await checkQueue(queue);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER_MAX }, work));
}

/** Schemes to which browsers follow no redirect; others, such as mailto:, start a program. */
const BLOCKED = /^(?:about|blob|data|file|javascript):$/;

/** Asks with HEAD, then with GET if that is refused, and follows redirects. */
export async function checkOne(
  start: URL,
  ask: ExternalFetcher,
): Promise<ExternalResult> {
  let url = start;
  for (let count = 0; count <= EXTERNAL_REDIRECTS_MAX; count++) {
    try {
      let reply = await ask(url, "HEAD");
      if (reply.status >= 400) reply = await ask(url, "GET");
      const { status, location } = reply;
      const next = status >= 300 && status < 400 && location !== undefined
        ? URL.parse(location, url)
        : undefined;
      if (next === null) {
        return { kind: "dead", reason: `${status} with an invalid Location` };
      }
      if (next === undefined) return judged(status);
      if (BLOCKED.test(next.protocol)) {
        return { kind: "dead", reason: `redirected to ${quote(next.href)}` };
      }
      if (!/^https?:$/.test(next.protocol)) return { kind: "ok" };
      url = next;
    } catch (error) {
      return error instanceof UncheckedError
        ? { kind: "unchecked", reason: error.message }
        : { kind: "dead", reason: (error as Error).message, isSilent: true };
    }
  }
  return {
    kind: "dead",
    reason: `more than ${EXTERNAL_REDIRECTS_MAX} redirects`,
  };
}

function judged(status: number): ExternalResult {
  if (status < 400) return { kind: "ok" };
  return REFUSALS.has(status)
    ? {
      kind: "unchecked",
      reason: `the server turns programs away with ${status}`,
    }
    : { kind: "dead", reason: `the server responds with ${status}` };
}

/** Thrown for a link that must not be requested. */
export class UncheckedError extends Error {
  override name = "UncheckedError";
}

/**
 * Asks a server, if its address is public. Connects to the address that was checked, so no second lookup can change it.
 */
export async function askPublic(
  url: URL,
  method: "HEAD" | "GET",
): Promise<{ status: number; location: string | undefined }> {
  const target = serverAddressOf(url);
  if (!mayUse(target.hostname, target.port)) {
    throw new UncheckedError(
      `skiff may not connect: add ${
        permissionFlag("--allow-net", [url.hostname])
      }`,
    );
  }
  if (/(?:^|\.)localhost\.?$/.test(url.hostname)) {
    throw new UncheckedError("the name belongs to this machine");
  }
  const signal = AbortSignal.timeout(REQUEST_MS);
  const addresses = await addressesOf(target.hostname, signal);
  const address = addresses[0];
  if (address === undefined) throw new Error("the name has no address");
  if (!addresses.every(isPublicAddress)) {
    throw new UncheckedError("the name leads to a private network");
  }
  return await askTarget({ ...target, address }, url, method, signal);
}

/** Asks a server for a URL, wherever it is. */
export async function askTarget(
  target: ServerAddress,
  url: URL,
  method: "HEAD" | "GET",
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  const { status, fields } = await requestOnce(
    target,
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n` +
      "User-Agent: skiff-check\r\nAccept: */*\r\nConnection: close\r\n\r\n",
    signal,
  );
  return { status, location: fields.get("location") };
}

async function addressesOf(
  hostname: string,
  signal: AbortSignal,
): Promise<string[]> {
  const isAddress = parseIpv4(hostname) !== undefined ||
    parseIpv6(hostname) !== undefined;
  if (isAddress) return [hostname];
  const lookUp = (type: "A" | "AAAA") =>
    Deno.resolveDns(hostname, type, { signal }).catch(() => [] as string[]);
  const [v4, v6] = await Promise.all([lookUp("A"), lookUp("AAAA")]);
  return [...v4, ...v6];
}
