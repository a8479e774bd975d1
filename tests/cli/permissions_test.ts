import { assertEquals } from "@std/assert";
import { resolve } from "@std/path";
import {
  permissionArguments,
  permissionFlag,
  type Permissions,
  permissionsFor,
} from "../../lib/cli/permissions.ts";
import { resolveSettings } from "../../lib/cli/settings.ts";

/** A start, by its words and by what is on the disk. */
interface Given {
  readonly line: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

async function permissionsOf(given: Given): Promise<Permissions> {
  const variables = (name: string) => given.variables?.[name];
  const settings = await resolveSettings({
    args: given.line === "" ? [] : given.line.split(" "),
    variables,
    read: (path) => given.files?.[path],
  });
  return permissionsFor(settings, {
    program: "/skiff",
    builtInSite: "/skiff/static",
    variables,
    linkTarget: (path) => given.links?.[path],
    os: "linux",
    isFile: (path) => given.files?.[path] !== undefined,
  });
}

const LOCAL = "127.0.0.1";
const NOTHING: Permissions = {
  read: [],
  write: [],
  net: [],
  env: [],
  run: [],
  sys: [],
};

const ROWS:
  readonly (readonly [given: Given, permissions: Partial<Permissions>])[] = [
    [{ line: "" }, {
      read: [resolve("skiff.json"), "/skiff/static"],
      net: [LOCAL],
    }],
    [{ line: "/srv/www" }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: [LOCAL],
    }],
    [{ line: "site" }, {
      read: [resolve("site"), resolve("skiff.json")],
      net: [LOCAL],
    }],
    [{ line: "/srv/report.html", files: { "/srv/report.html": "" } }, {
      read: ["/srv/report.html", "/srv/skiff.json", "/srv"],
      net: [LOCAL],
    }],
    [{ line: "", files: { "skiff.json": '{"root": "dist/site"}' } }, {
      read: [resolve("dist/site"), resolve("skiff.json")],
      net: [LOCAL],
    }],
    // No configuration can be beside the root of the file system.
    [{ line: "/" }, { read: ["/"], net: [LOCAL] }],
    [{
      line: "/srv/www --config /etc/skiff.json",
      files: { "/etc/skiff.json": "{}" },
    }, {
      read: ["/srv/www", "/etc/skiff.json"],
      net: [LOCAL],
    }],
    // What the file names is read as well.
    [{
      line: "/srv/www",
      files: { "/srv/skiff.json": '{"authFile": "users", "port": 90}' },
    }, {
      read: ["/srv/www", "/srv/users", "/srv/skiff.json"],
      net: ["127.0.0.1:90", LOCAL],
    }],
    [{
      line: "/srv/www --tls-cert /tls/live/c --tls-key /tls/live/k",
      links: {
        "/tls/live/c": "/tls/archive/c1",
        "/tls/live/k": "/tls/archive/k1",
      },
    }, {
      read: [
        "/srv/www",
        "/tls/live/c",
        "/tls/live/k",
        "/srv/skiff.json",
        "/tls/archive",
      ],
      net: [LOCAL],
    }],
    [{ line: "/srv/now", links: { "/srv/now": "/srv/releases/5" } }, {
      read: ["/srv/now", "/srv/skiff.json", "/srv/releases"],
      net: [LOCAL],
    }],
    [{ line: "/srv/www --workers 2" }, {
      read: ["/srv/www", "/srv/skiff.json", "/skiff"],
      net: [LOCAL],
    }],
    [{ line: "/srv/www --host 0.0.0.0 --port 80 --admin [::1]:9000" }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: ["0.0.0.0:80", "[::1]:9000", LOCAL],
      sys: ["networkInterfaces"],
    }],
    [{ line: "/srv/www --host :: --port 0" }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: ["[::]", LOCAL],
      sys: ["networkInterfaces"],
    }],
    [{
      line: "/srv/www",
      variables: { SKIFF_PORT: "81", SKIFF_CORS: "", HOME: "/root" },
    }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: ["127.0.0.1:81", LOCAL],
      env: ["SKIFF_PORT"],
    }],
    [{ line: "/srv/www --open", variables: { TERM: "xterm", HOME: "/root" } }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: [LOCAL],
      env: ["TERM"],
      run: ["xdg-open"],
    }],
    [{ line: "/srv/www --https" }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: [LOCAL],
    }],
    [{ line: "/srv/www --https=/srv/keys" }, {
      read: ["/srv/www", "/srv/keys", "/srv/skiff.json"],
      write: ["/srv/keys"],
      net: [LOCAL],
    }],
    [{ line: "explain /a /srv/www" }, {
      read: ["/srv/www", "/srv/skiff.json"],
    }],
    [{ line: "check /srv/www" }, {
      read: ["/srv/www", "/srv/skiff.json"],
    }],
    [{ line: "check --external /srv/www" }, {
      read: ["/srv/www", "/srv/skiff.json"],
      net: ["*"],
    }],
    [{ line: "hash-password ann" }, {}],
    [{ line: "--help" }, {}],
    [{ line: "/srv/www --version", variables: { SKIFF_PORT: "81" } }, {}],
  ];

for (const [given, permissions] of ROWS) {
  Deno.test(`permissionsFor() of ${JSON.stringify(given)}`, async () => {
    assertEquals(await permissionsOf(given), { ...NOTHING, ...permissions });
  });
}

Deno.test("permissionArguments() leaves out what is not needed", () => {
  assertEquals(permissionArguments(NOTHING), []);
  assertEquals(
    permissionArguments({
      ...NOTHING,
      read: ["/a b", "/c"],
      net: ["[::1]:80"],
    }),
    ["--allow-read=/a b,/c", "--allow-net=[::1]:80"],
  );
});

Deno.test("permissionArguments() limits nothing to any", () => {
  assertEquals(permissionArguments({ ...NOTHING, net: ["*"] }), [
    "--allow-net",
  ]);
});

const LISTED: readonly (readonly [path: string, listed: string])[] = [
  ["/srv/a,b/c", "/srv/"],
  ["/srv/a,b,c", "/srv/"],
  ["/a,b", "/"],
  ["C:\\sites\\a,b", "C:\\sites\\"],
  ["C:\\a,b", "C:\\"],
];

for (const [path, listed] of LISTED) {
  Deno.test(`permissionArguments() grants ${listed} for ${path}`, () => {
    assertEquals(
      permissionArguments({ ...NOTHING, read: [path, "/x"] }),
      [`--allow-read=${listed},/x`],
    );
  });
}

Deno.test("permissionFlag() writes names as a shell and Deno read them", () => {
  assertEquals(
    permissionFlag("--allow-read", ["/srv", "/a b/c"]),
    "--allow-read='/srv,/a b/c'",
  );
});
