/**
 * What shared caches make of the fields that skiff sends: nginx and Varnish,
 * with the configurations in `deploy/`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ANN_LINE } from "../access/auth_file.ts";
import {
  Random,
  type Response,
  TemporaryDirectory,
  textOf,
} from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import { Daemon, deployed, replaced } from "./daemon.ts";
import { getOnce, HOST, Replica } from "./replicas.ts";

const SCRIPT = "export const answer = 42;\n".repeat(2000);
const PICTURE = new Random(7).bytes(150_000);

/** What the name of a file says is for ever; all others are to be asked for each time. */
const IMMUTABLE = "/assets/index-BkZ3x9Qf.js";

const FILES = {
  "site/index.html": "<h1>home</h1>",
  "site/assets/index-BkZ3x9Qf.js": SCRIPT,
  "site/assets/logo-tVQ0SxP3.png": PICTURE,
  "site/plain.txt": "first",
  "site/assets/plain.txt": "first",
  "site/assets/brief.txt": "brief",
  "site/assets/private/index-BkZ3x9Qf.js": SCRIPT,
  "site/_headers": "/assets/brief.txt\n  Cache-Control: max-age=1\n",
  "auth": ANN_LINE,
};

/** A cache in front of a skiff. */
class Stage implements AsyncDisposable {
  readonly place: TemporaryDirectory;
  readonly #replica: Replica;
  readonly #cache: Daemon;
  /** The socket of the cache. */
  readonly #socket: string;

  private constructor(
    place: TemporaryDirectory,
    replica: Replica,
    cache: Daemon,
    socket: string,
  ) {
    this.place = place;
    this.#replica = replica;
    this.#cache = cache;
    this.#socket = socket;
  }

  /** Starts both. `begin` starts the cache in front of a port, at the socket `cache.sock` of the folder. */
  static async open(
    begin: (folder: TemporaryDirectory, port: number) => Daemon,
  ): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const place = stack.use(new TemporaryDirectory(FILES));
    // Programs that are started by root read and write as somebody else.
    Deno.chmodSync(place.path, 0o755);
    const replica = stack.use(
      await Replica.start("1", place.join("site"), [
        "--log=json",
        "--allowed-hosts",
        HOST,
        "--auth-file",
        place.join("auth"),
        "--auth-paths=/assets/private/*",
      ]),
    );
    const cache = stack.use(begin(place, replica.port));
    const socket = await cache.listensAt("cache.sock");
    stack.move();
    return new Stage(place, replica, cache, socket);
  }

  /** An answer of the cache. */
  get(
    target: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return getOnce(this.#socket, target, fields);
  }

  /** Ends skiff; what it was asked, and how it has answered. */
  async asked(): Promise<string[]> {
    const { skiff } = this.#replica;
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
    return skiff.stdout.trimEnd().split("\n").map((line) => {
      const { target, status, encoding } = JSON.parse(line);
      return `${target} ${status} ${encoding ?? "plain"}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cache[Symbol.asyncDispose]();
    await this.#replica[Symbol.asyncDispose]();
    this.place[Symbol.dispose]();
  }
}

/** nginx with deploy/nginx.conf. */
function beginNginx(program: string) {
  return (folder: TemporaryDirectory, port: number): Daemon => {
    let site = deployed("nginx.conf");
    site = replaced(site, "server 127.0.0.1:8080", `server 127.0.0.1:${port}`);
    // Names without a folder are in the folder that it runs in: its path may have spaces and quotes in it.
    site = replaced(site, "/var/cache/nginx-skiff", "cache");
    // TLS is the cache's own affair, and so is where it is to be found.
    site = replaced(site, /^server \{\n {4}listen 80;[^}]*\}\n/gm, "");
    site = replaced(site, /^ +ssl_.*\n/gm, "");
    site = replaced(site, "listen 443 ssl http2;", "listen unix:cache.sock;");
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path temp-${name};`);
    folder.write(
      "nginx.conf",
      `daemon off; worker_processes 1; error_log stderr notice;
pid nginx.pid;
events {}
http { access_log off; ${paths.join("\n")}\n${site}}
`,
    );
    const args = ["-e", "stderr", "-c", "nginx.conf", "-p", "."];
    return new Daemon(program, args, folder.path);
  };
}

/** Varnish with deploy/default.vcl. */
function beginVarnish(program: string) {
  return (folder: TemporaryDirectory, port: number): Daemon => {
    const config = deployed("default.vcl");
    folder.write("skiff.vcl", replaced(config, '"8080"', `"${port}"`));
    const args = ["-F", "-j", "none", "-n", folder.join("varnish")];
    args.push("-f", folder.join("skiff.vcl"), "-p", "http_gzip_support=off");
    args.push("-a", `${folder.join("cache.sock")},mode=777`);
    return new Daemon(program, [...args, "-s", "malloc,16m"], folder.path);
  };
}

/** How skiff answers four requests for a file that is no-cache, and the client the second of them, which has the tag. */
type Asking = readonly [
  target: string,
  statuses: readonly number[],
  again: number,
];

const CACHES: readonly (readonly [
  name: string,
  program: string,
  begin: typeof beginNginx,
  asking: readonly Asking[],
])[] = [
  ["nginx", "nginx", beginNginx, [
    ["/plain.txt", [200, 304, 200, 200], 304],
    // Where nginx keeps anything, it asks without conditions, and has none itself for what it does not keep.
    ["/assets/plain.txt", [200, 200, 200, 200], 200],
  ]],
  ["varnish", "varnishd", beginVarnish, [
    ["/assets/plain.txt", [200, 304, 304, 200], 304],
  ]],
];

const ANN = { Authorization: `Basic ${btoa("ann:secret")}` };

for (const [name, program, begin, asking] of CACHES) {
  testAgainst(
    program,
    `${name}: an immutable file is asked for once`,
    async (path) => {
      await using stage = await Stage.open(begin(path));
      const answers: Response[] = [];
      for (let turn = 0; turn < 3; turn++) {
        answers.push(await stage.get(IMMUTABLE));
      }
      const etag = answers[0]!.fields.get("etag")!;
      answers.push(await stage.get(IMMUTABLE, { "If-None-Match": etag }));
      assertEquals(answers.map(({ status }) => status), [200, 200, 200, 304]);
      assert(answers.slice(0, 3).every(({ body }) => body === SCRIPT));
      assert(answers.every(({ fields }) => fields.get("etag") === etag));
      assertEquals(await stage.asked(), [`${IMMUTABLE} 200 plain`]);
    },
  );

  testAgainst(
    program,
    `${name}: a range of what is kept is cut from it`,
    async (path) => {
      await using stage = await Stage.open(begin(path));
      const target = "/assets/logo-tVQ0SxP3.png";
      const whole = await stage.get(target);
      assert(whole.body === textOf(PICTURE));
      const part = await stage.get(target, {
        "Range": "bytes=140000-",
        "If-Range": whole.fields.get("etag")!,
      });
      assertEquals(part.status, 206);
      assert(part.body === textOf(PICTURE.subarray(140_000)));
      assertEquals(await stage.asked(), [`${target} 200 plain`]);
    },
  );

  testAgainst(program, `${name}: encodings are kept apart`, async (path) => {
    await using stage = await Stage.open(begin(path));
    const seen = new Map<string, Response>();
    const codings = ["br", "gzip", "identity"];
    for (const coding of codings) {
      const fields = { "Accept-Encoding": coding };
      seen.set(coding, await stage.get(IMMUTABLE, fields));
    }
    for (const coding of [...codings, ...codings]) {
      const fields = { "Accept-Encoding": coding };
      const { status, body, fields: sent } = await stage.get(IMMUTABLE, fields);
      assertEquals(status, 200);
      const before = seen.get(coding)!;
      assertEquals(sent.get("etag"), before.fields.get("etag"));
      assertEquals(
        sent.get("content-encoding"),
        before.fields.get("content-encoding"),
      );
      assert(body === before.body);
    }
    assertEquals((await stage.asked()).length, 3);
  });

  for (const [target, statuses, again] of asking) {
    testAgainst(
      program,
      `${name}: what is no-cache is never old: ${target}`,
      async (path) => {
        await using stage = await Stage.open(begin(path));
        const first = await stage.get(target);
        assertEquals([first.status, first.body], [200, "first"]);
        const condition = { "If-None-Match": first.fields.get("etag")! };
        assertEquals((await stage.get(target, condition)).status, again);
        assertEquals((await stage.get(target)).body, "first");
        stage.place.write(`site${target}`, "second");
        // Longer than skiff itself trusts what it knows of a file.
        await new Promise((resolve) => setTimeout(resolve, 150));
        const last = await stage.get(target, condition);
        assertEquals([last.status, last.body], [200, "second"]);
        assertEquals(
          await stage.asked(),
          statuses.map((status) => `${target} ${status} plain`),
        );
      },
    );
  }

  testAgainst(
    program,
    `${name}: what is over is asked for with its tag`,
    async (path) => {
      await using stage = await Stage.open(begin(path));
      const target = "/assets/brief.txt";
      assertEquals((await stage.get(target)).body, "brief");
      assertEquals((await stage.get(target)).body, "brief");
      // nginx counts in whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 2100));
      assertEquals((await stage.get(target)).body, "brief");
      const asked = await stage.asked();
      assertEquals(asked, [`${target} 200 plain`, `${target} 304 plain`]);
    },
  );

  testAgainst(
    program,
    `${name}: private answers and errors are not kept`,
    async (path) => {
      await using stage = await Stage.open(begin(path));
      const target = "/assets/private/index-BkZ3x9Qf.js";
      for (let turn = 0; turn < 2; turn++) {
        const { status, fields, body } = await stage.get(target, ANN);
        assertEquals(status, 200);
        assert(/\bprivate\b/.test(fields.get("cache-control")!));
        assert(body === SCRIPT);
        assertEquals((await stage.get(target)).status, 401);
      }
      for (let turn = 0; turn < 2; turn++) {
        assertEquals(
          (await stage.get("/assets/later-BkZ3x9Qf.js")).status,
          404,
        );
      }
      stage.place.write("site/assets/later-BkZ3x9Qf.js", SCRIPT);
      await new Promise((resolve) => setTimeout(resolve, 150));
      assertEquals((await stage.get("/assets/later-BkZ3x9Qf.js")).status, 200);
      assertEquals((await stage.asked()).length, 7);
    },
  );
}
