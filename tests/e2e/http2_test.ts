/**
 * HTTP/2 with the programs that people have: a browser, curl, nghttp, h2load,
 * python3-h2, HAProxy and nginx.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { HAS_PROGRAMS, Random } from "../helpers.ts";
import { programPath } from "../programs.ts";
import * as pairs from "../service/pairs.ts";
import type { Visitor } from "./browser.ts";
import { Daemon } from "./daemon.ts";
import {
  browserHttp2Test,
  outputOf,
  Stage,
  testHttp2Against,
  testHttp2If,
  UNTRUSTED,
} from "./http2_stage.ts";
import { page, PLAYER, wav, WAV_BYTES_PER_SECOND } from "./samples.ts";

const RANDOM = new Random(11);
/** Files of many sizes around those of frames and windows. */
const SIZES = [0, 1, 100, 1024, 9000, 16_383, 16_384, 16_385, 65_535, 70_000];
const COUNT = 300;

/** The files of a documentation site: as many as `COUNT`, of all sizes. */
function files(): Record<string, Uint8Array<ArrayBuffer>> {
  return Object.fromEntries(
    Array.from({ length: COUNT }, (_, number) => [
      `docs/part-${number}.bin`,
      RANDOM.bytes(SIZES[number % SIZES.length]! + number),
    ]),
  );
}

/** Fetches every part at once, and returns the protocols, and the parts whose digest is wrong. */
const FETCH_ALL = `(async (expected) => {
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  performance.setResourceTimingBufferSize(1000);
  const wrong = [];
  await Promise.all(Object.entries(expected).map(async ([name, digest]) => {
    const response = await fetch("/" + name);
    const got = hex(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
    if (response.status !== 200 || got !== digest) wrong.push(name);
  }));
  const protocols = new Set(performance.getEntriesByType("resource").map((each) => each.nextHopProtocol));
  return { wrong, protocols: [...protocols] };
})`;

async function digests(
  content: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
): Promise<Record<string, string>> {
  const entries = Object.entries(content).map(async ([name, bytes]) => {
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return [name, new Uint8Array(digest).toHex()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

browserHttp2Test(
  `a page with ${COUNT} files loads over HTTP/2, every byte right`,
  async (visitor: Visitor) => {
    const content = files();
    const stage = await Stage.open({
      ...content,
      "index.html": page("many files"),
    });
    await using _ = stage;
    await visitor.visit(stage.url("/"));
    const expected = JSON.stringify(await digests(content));
    assertEquals(await visitor.evaluate(`${FETCH_ALL}(${expected})`), {
      wrong: [],
      protocols: ["h2"],
    });
    assertEquals(visitor.problems, []);
    assertEquals(await stage.bounds(), {});
    const log = await stage.log();
    const lines = log.split("\n").filter((line) => line.includes("/docs/"));
    assertEquals(lines.length, COUNT);
    assertEquals(lines.filter((line) => !line.includes(' HTTP/2.0"')), []);
  },
  UNTRUSTED,
);

browserHttp2Test(
  "a recording is sought by ranges over HTTP/2",
  async (visitor: Visitor) => {
    const seconds = 120;
    await using stage = await Stage.open({
      "index.html": PLAYER,
      "long.wav": wav(seconds),
    });
    const starts: number[] = [];
    visitor.page.on("request", (request) => {
      const range = /^bytes=(\d+)-/.exec(request.headers()["range"] ?? "");
      if (range !== null) starts.push(Number(range[1]));
    });
    await visitor.visit(stage.url("/"));
    const time = await visitor.evaluate("jump(100)") as number;
    assert(time > 100 && time < 105, `at ${time}`);
    assertEquals(await visitor.evaluate("player.duration"), seconds);
    assert(
      starts.some((start) => start > 90 * WAV_BYTES_PER_SECOND),
      `${starts}`,
    );
  },
  UNTRUSTED,
);

testHttp2Against("curl", "curl speaks HTTP/2 to skiff", async (curl) => {
  await using stage = await Stage.open({ "a.txt": "hello" });
  const ca = stage.folder.join("ca.pem");
  const args = ["--cacert", ca, "--http2", "-sSv", stage.url("/a.txt")];
  const text = await outputOf(curl, args);
  assertMatch(text, /ALPN: server accepted h2/);
  assertMatch(text, /< HTTP\/2 200/);
  assertMatch(text, /hello/);
  for (const [option, version] of [["--http1.1", "1.1"], ["--http2", "2"]]) {
    for (const tls of ["1.2", "1.3"]) {
      const line = await outputOf(curl, [
        ...["--cacert", ca, option!, "--tls-max", tls, "-sS", "-o"],
        ...[stage.folder.join("out"), "-w", "%{http_version}"],
        stage.url("/a.txt"),
      ]);
      assertEquals(`${line} TLS ${tls}`, `${version} TLS ${tls}`);
    }
  }
});

testHttp2Against("nghttp", "nghttp speaks HTTP/2 to skiff", async (nghttp) => {
  await using stage = await Stage.open({ "a.txt": "hello" });
  const text = await outputOf(nghttp, ["-nv", stage.url("/a.txt")]);
  assertMatch(text, /The negotiated protocol: h2/);
  assertMatch(text, /:status: 200/);
  assert(!/GOAWAY frame <length=\d+.*error_code=(?!NO_ERROR)/.test(text), text);
});

/** Connections of one client, and workers: many streams for a client, and for a worker. */
const LOADS = [[16, 1], [64, 1], [64, 2]] as const;

for (const [connections, workers] of LOADS) {
  testHttp2Against(
    "h2load",
    `h2load is served by HTTP/2 on ${connections} connections with 100 streams each, and reaches no bound, ${workers} workers`,
    async (h2load) => {
      const args = [`--workers=${workers}`];
      await using stage = await Stage.open({ "a.txt": "x".repeat(1024) }, args);
      const text = await outputOf(h2load, [
        ...["-n", "20000", "-c", `${connections}`, "-m", "100"],
        stage.url("/a.txt"),
      ]);
      assertMatch(
        text,
        /20000 total, 20000 started, 20000 done, 20000 succeeded/,
      );
      assertMatch(text, /status codes: 20000 2xx, 0 3xx, 0 4xx, 0 5xx/);
      assertEquals(await stage.bounds(), {});
    },
  );
}

/** Asks for a path over HTTP/2 with another implementation; prints status and body. */
const PYTHON = `
import socket, ssl, sys
import h2.connection, h2.config, h2.events
port, ca, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=ca)
context.set_alpn_protocols(["h2"])
connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as sock:
    assert sock.selected_alpn_protocol() == "h2"
    connection.initiate_connection()
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost:%d" % port), (":path", path)]
    for stream in (1, 3, 5):
        connection.send_headers(stream, fields, end_stream=True)
    sock.sendall(connection.data_to_send())
    ended, body = set(), {1: b"", 3: b"", 5: b""}
    while len(ended) < 3:
        data = sock.recv(65536)
        assert data, "the connection ended"
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                print(dict(event.headers)[b":status"].decode())
            if isinstance(event, h2.events.DataReceived):
                body[event.stream_id] += event.data
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if isinstance(event, h2.events.StreamEnded):
                ended.add(event.stream_id)
        sock.sendall(connection.data_to_send())
print(" ".join(str(len(each)) for each in body.values()))
`;

/** The Python that has the module h2, Debian's python3-h2; undefined where there is none. */
const PYTHON_PATH = ((path) => {
  if (path === undefined) return undefined;
  const args = ["-c", "import h2"];
  return new Deno.Command(path, { args, stderr: "null" }).outputSync().success
    ? path
    : undefined;
})(programPath("python3"));

testHttp2If(
  PYTHON_PATH !== undefined,
  "python3-h2 reads what skiff sends (needs python3-h2)",
  async () => {
    await using stage = await Stage.open({ "b.bin": RANDOM.bytes(200_000) });
    const ca = stage.folder.join("ca.pem");
    const args = ["-c", PYTHON, `${stage.port}`, ca, "/b.bin"];
    const text = await outputOf(PYTHON_PATH!, args);
    assertEquals(text, "200\n200\n200\n200000 200000 200000\n");
  },
);

/** What a client offers, and what it gets. */
const OFFERS: readonly (readonly [
  name: string,
  protocols: string[] | undefined,
  chosen: string | null,
])[] = [
  ["nothing", undefined, null],
  ["HTTP/1.1", ["http/1.1"], "http/1.1"],
  ["HTTP/2", ["h2"], "h2"],
  ["both, the old one first", ["http/1.1", "h2"], "h2"],
  ["HTTP/2 and something foreign", ["spdy/3", "h2"], "h2"],
];

testHttp2If(
  HAS_PROGRAMS,
  "ALPN chooses HTTP/2 where it is offered",
  async () => {
    await using stage = await Stage.open({ "a.txt": "hello" });
    for (const [name, alpnProtocols, chosen] of OFFERS) {
      using socket = await Deno.connectTls({
        hostname: "localhost",
        port: stage.port,
        caCerts: [pairs.CA],
        ...alpnProtocols !== undefined && { alpnProtocols },
      });
      const { alpnProtocol } = await socket.handshake();
      assertEquals({ name, chosen: alpnProtocol }, { name, chosen });
    }
    let refused: unknown;
    try {
      using socket = await Deno.connectTls({
        hostname: "localhost",
        port: stage.port,
        caCerts: [pairs.CA],
        alpnProtocols: ["spdy/3"],
      });
      await socket.handshake();
    } catch (error) {
      refused = error;
    }
    assertMatch(`${refused}`, /alert|protocol/i);
  },
);

/** HAProxy that speaks HTTP/2 to skiff, and nginx that speaks HTTP/1.1 over TLS to it. */
const PROXIES: Readonly<Record<string, (port: number) => string>> = {
  haproxy: (port) =>
    `defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend web
  bind unix@proxy.sock
  default_backend skiff
backend skiff
  server one 127.0.0.1:${port} ssl ca-file ca.pem sni str(localhost) alpn h2
`,
  nginx: (port) =>
    `daemon off; worker_processes 1; error_log stderr notice; pid nginx.pid;
events {}
http {
  access_log off;
${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
        `  ${name}_temp_path temp-${name};\n`
      ).join("")
    }  server {
    listen unix:proxy.sock;
    location / {
      proxy_pass https://127.0.0.1:${port};
      proxy_set_header Host localhost;
      proxy_ssl_trusted_certificate ca.pem;
      proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_server_name on;
      proxy_http_version 1.1;
    }
  }
}
`,
};

const VERSION: Readonly<Record<string, string>> = {
  haproxy: "HTTP/2.0",
  nginx: "HTTP/1.1",
};

for (const [name, configure] of Object.entries(PROXIES)) {
  const curl = programPath("curl");
  const title = `skiff serves behind ${name} over TLS`;
  testHttp2Against(
    name,
    curl ? title : `${title} (needs curl)`,
    async (program) => {
      if (curl === undefined) throw new Error("curl is not installed");
      await using stage = await Stage.open({ "a.txt": "hello" });
      const { folder } = stage;
      folder.write(`${name}.conf`, configure(stage.port));
      // Names without a folder are in the folder that it runs in: its path may have spaces and quotes in it.
      const args = name === "nginx"
        ? ["-e", "stderr", "-p", ".", "-c", `${name}.conf`]
        : ["-f", `${name}.conf`];
      {
        await using proxy = new Daemon(program, args, folder.path);
        const socket = await proxy.listensAt("proxy.sock");
        const url = "http://localhost/a.txt";
        const asking = ["--unix-socket", socket, "-sS", url];
        assertEquals(await outputOf(curl, asking), "hello");
      }
      assertMatch(await stage.log(), new RegExp(VERSION[name]!));
    },
  );
}
