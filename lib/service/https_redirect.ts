/**
 * The plain port beside a TLS one: redirects every request to HTTPS. Allows the
 * same clients as the site, with the same limits, and keeps few descriptors so
 * that the site has enough.
 *
 * @module
 */

import { authorityOf } from "../access/hosts.ts";
import { ConnectionLimit } from "../access/limits.ts";
import { subjectOf } from "../access/networks.ts";
import {
  errorReply,
  redirectReply,
  type Reply,
  withFields,
} from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import { isLoopback } from "../http/host.ts";
import { encodePath, isAuthority, parseTarget } from "../http/target.ts";
import type { Listener } from "../server/listener.ts";
import type { Client } from "../server/client.ts";
import { Server } from "../server/server.ts";
import { Access } from "./access.ts";
import { certificateNames } from "./certificate_names.ts";
import type { Plan } from "./plan.ts";

const HTTPS_PORT = 443;

/** Most connections to this port at once. Beyond, skiff closes idle ones, as it does for the site. */
const REDIRECT_CONNECTIONS_MAX = 500;

/**
 * Redirects every request to the same path on the same host, over TLS on a port. Responds with an error to a request
 * without a host.
 */
export function redirectHandler(
  port: number,
): (head: RequestHead) => Reply {
  const suffix = port === HTTPS_PORT ? "" : `:${port}`;
  return (head) => {
    const authority = authorityOf(head);
    const target = parseTarget(head.method, head.target);
    if (
      authority === undefined || !isAuthority(authority) ||
      target === undefined || target.path === "*"
    ) return errorReply(400);
    const host = authority.replace(/:\d*$/, "");
    const query = target.query === undefined ? "" : `?${target.query}`;
    return redirectReply(
      `https://${host}${suffix}${encodePath(target.path)}${query}`,
    );
  };
}

/** Returns the hosts to redirect to, in the form of `allowedHosts`: the names of the certificate, unless others are given. */
export function redirectHosts(
  { options, keyPair }: Plan,
): string[] | undefined {
  const { allowedHosts, host } = options;
  return allowedHosts ??
    (isLoopback(host) ? undefined : certificateNames(keyPair?.cert ?? ""));
}

/** Serves the plain port beside a TLS one. */
export class HttpsRedirect {
  /** Warnings for the operator, one sentence each. */
  readonly warnings: readonly string[];
  readonly #server: Server;
  readonly #ended: Promise<void>;
  readonly #redirect: (head: RequestHead) => Reply;
  #access!: Access;

  /** Starts to serve on a listener, which it closes at the end. */
  constructor(
    listener: Listener,
    plan: Plan,
    port: number,
    report: (error: unknown) => void,
  ) {
    this.#redirect = redirectHandler(port);
    const hosts = redirectHosts(plan);
    this.warnings = hosts?.length === 0
      ? ["The certificate has no names to redirect to: add --allowed-hosts"]
      : [];
    this.reload(plan);
    const { connectionsPerAddress: max, proxyProtocol } = plan.options;
    const isTrusted = (address: string) => this.#access.trusts(address);
    this.#server = new Server(listener, {
      respond: (head, now, client) => this.#respond(head, now, client),
      report,
      isProxy: proxyProtocol ? isTrusted : undefined,
      connectionsMax: REDIRECT_CONNECTIONS_MAX,
      addresses: {
        isTrusted,
        subjectOf,
        // Counts apart from the site: a client that is redirected needs its connections there.
        limit: max === undefined ? undefined : new ConnectionLimit(max),
      },
    });
    this.#ended = this.#server.serve();
  }

  /** Follows another plan from the next request on. Throws like the constructor. */
  reload(plan: Plan): void {
    const options = { ...plan.options, allowedHosts: redirectHosts(plan) };
    // A redirect tells nothing that needs a password.
    this.#access = new Access({ ...plan, options, credentials: undefined });
  }

  /** Makes every reply from now on the last of its connection. */
  drain(): void {
    this.#server.drain();
  }

  /** Stops serving. */
  async close(): Promise<void> {
    await this.#server.stop(0);
    await this.#ended;
  }

  #respond(head: RequestHead, now: number, client: Client): Reply {
    this.#access.identify(head, client);
    const redirect = this.#redirect(head);
    if (redirect.status === 400) return redirect;
    // Without passwords these are all rules.
    const refusal = this.#access.gate?.admit(head, client.address, now);
    if (refusal === undefined) return redirect;
    return withFields(errorReply(refusal.status), refusal.fields);
  }
}
