/**
 * What `skiff check --server` finds in other servers: faults that were looked
 * at by hand, and no fault that they do not have.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { ProbeResult } from "../../lib/check/probe_run.ts";
import { checkServer } from "../../lib/service/check_server.ts";
import { TemporaryDirectory, until } from "../helpers.ts";
import { testAgainst } from "../programs.ts";

/** A server that serves the directory `www` on a port, and the faults that it is known for. */
interface Peer {
  readonly program: string;
  readonly args: (place: TemporaryDirectory, port: number) => string[];
  /** Titles of probes that must fail, each with its reason. */
  readonly known: Readonly<Record<string, string>>;
  /** What it does right, which must pass. */
  readonly right: readonly string[];
}

const NGINX = (port: number) =>
  `daemon off;
pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  gzip on; gzip_types text/plain; gzip_min_length 20;
  types { text/plain txt; }
  server { listen 127.0.0.1:${port}; root www; }
}
`;

const PEERS: Readonly<Record<string, Peer>> = {
  nginx: {
    program: "nginx",
    args: (place, port) => {
      place.write("nginx.conf", NGINX(port));
      return ["-e", "stderr", "-c", "nginx.conf", "-p", "."];
    },
    known: {
      "If-None-Match decides beside an old If-Modified-Since":
        "expected 304, got 200",
      "If-Unmodified-Since that is no date is ignored": "expected 200, got 412",
      "If-Unmodified-Since is ignored beside If-Match": "expected 200, got 412",
      "Range is ignored with HEAD": "expected 200, got 206",
      'the Host "a@b" is refused': "expected 400, got 200",
      "an encoded response varies by Accept-Encoding": "Vary: none",
    },
    right: [
      "a request with Content-Length and Transfer-Encoding is refused, or ends the connection",
      "HTTP/1.1 without Host is refused",
      "the first byte",
      "//etc/passwd does not leave the site",
    ],
  },
  Caddy: {
    program: "caddy",
    args: (place, port) => [
      "file-server",
      "--root",
      place.join("www"),
      "--listen",
      `127.0.0.1:${port}`,
    ],
    known: {
      "a request with Content-Length and Transfer-Encoding is refused, or ends the connection":
        "expected a refusal or the end of the connection, got 200 on an open one",
      "an unknown unit is ignored": "expected 200, got 416",
      "a suffix of no bytes gets 416, or is ignored":
        "expected 416 or 400 or 200, got 206",
      "Range is ignored with HEAD": "expected 200, got 206",
    },
    right: [
      "If-None-Match decides beside an old If-Modified-Since",
      "HTTP/1.1 without Host is refused",
      "the first byte",
    ],
  },
  "python3 -m http.server": {
    program: "python3",
    args: (place, port) => [
      "-m",
      "http.server",
      `${port}`,
      "--bind",
      "127.0.0.1",
      "--directory",
      place.join("www"),
    ],
    known: {
      "HTTP/1.1 without Host is refused": "expected 400, got 200",
      "two Hosts are refused": "expected 400, got 200",
      'Content-Length "-1" is refused': "expected a refusal, got 200",
      "a target with scheme and host is accepted": "expected 200, got 404",
      "If-None-Match: * gets 304": "expected 304, got 200",
      "If-Match with another tag gets 412": "expected 412, got 200",
    },
    right: [
      "If-Modified-Since with Last-Modified gets 304",
      "HEAD has no content",
      "//etc/passwd does not leave the site",
    ],
  },
};

/** A port that nobody has at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether something listens on a port. */
async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

for (const [name, { program, args, known, right }] of Object.entries(PEERS)) {
  testAgainst(
    program,
    `check --server finds the faults of ${name}`,
    async (path) => {
      using place = new TemporaryDirectory({
        "www/file.txt": "Text that has parts and can be encoded.\n".repeat(40),
      });
      // nginx gives up the rights of root.
      Deno.chmodSync(place.path, 0o755);
      const port = freePort();
      await using server = new Deno.Command(path, {
        args: args(place, port),
        cwd: place.path,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      let isUp = false;
      const waiting = (async () => {
        while (!isUp) isUp = await listens(port);
      })();
      await until(() => isUp, `${name} on port ${port}`);
      await waiting;
      const { text } = await checkServer(`http://127.0.0.1:${port}/file.txt`, [
        ["format", "json"],
      ]);
      const { results } = JSON.parse(text) as { results: ProbeResult[] };
      const outcomes = new Map(results.map((each) => [each.title, each]));
      const found = Object.keys(known).map((title) => [
        title,
        outcomes.get(title)?.reason,
      ]);
      assertEquals(Object.fromEntries(found), known);
      const passed = right.map((title) => outcomes.get(title)?.outcome);
      assertEquals(passed, right.map(() => "pass"));
      server.kill("SIGTERM");
      await server.status;
    },
  );
}
