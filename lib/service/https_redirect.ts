/**
 * What the plain port beside a TLS one answers: that the same is to be had over
 * TLS, and nothing else.
 *
 * @module
 */

import { type AllowedHosts, authorityOf } from "../access/hosts.ts";
import { errorReply, redirectReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import { encodePath, isAuthority, parseTarget } from "../http/target.ts";

const HTTPS_PORT = 443;

/**
 * Answers every request with a redirect to the same path on the same host, over TLS on a port; with an error where
 * there is no host, or one that is not answered for.
 */
export function redirectResponder(
  port: number,
  hosts: AllowedHosts | undefined,
): (head: RequestHead) => Reply {
  const suffix = port === HTTPS_PORT ? "" : `:${port}`;
  return (head) => {
    const authority = authorityOf(head);
    const target = parseTarget(head.method, head.target);
    if (authority === undefined || !isAuthority(authority)) {
      return errorReply(400);
    }
    if (hosts?.has(authority) === false) return errorReply(421);
    if (target === undefined || target.path === "*") return errorReply(400);
    const host = authority.replace(/:\d*$/, "");
    const query = target.query === undefined ? "" : `?${target.query}`;
    return redirectReply(
      `https://${host}${suffix}${encodePath(target.path)}${query}`,
    );
  };
}
