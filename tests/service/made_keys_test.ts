import { assert, assertEquals, assertRejects } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import {
  CERTIFICATE_MS,
  makeAuthority,
  makeCertificate,
} from "../../lib/service/made_certificate.ts";
import { quotedWord } from "../../lib/cli/shell.ts";
import { certificateNames } from "../../lib/service/certificate_names.ts";
import {
  isDue,
  madeKeysFor,
  openMadeKeys,
  RENEWAL_MS,
  watchRenewal,
} from "../../lib/service/made_keys.ts";
import { readKeyPair } from "../../lib/service/certificates.ts";
import { StartError } from "../../lib/service/startup.ts";
import { HAS_FILES, TemporaryDirectory, testWith, until } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { testAgainst } from "../programs.ts";

const NOW = Date.now();
const DAY_MS = 24 * 3600 * 1000;

function read(directory: TemporaryDirectory, name: string): string {
  return Deno.readTextFileSync(directory.join(name));
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** The names and the texts of all files. */
function filesOf(
  directory: TemporaryDirectory,
): [name: string, text: string][] {
  return namesIn(directory.path).map((name) => [name, read(directory, name)]);
}

testWith(
  HAS_FILES,
  "openMadeKeys() makes a pair that TLS can use",
  async () => {
    const { keyPair, fingerprint, notes } = await openMadeKeys("", [
      "203.0.113.7",
    ]);
    assertEquals(notes, []);
    assert(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(fingerprint));
    assert(certificateNames(keyPair.cert).includes("203.0.113.7"));
    using directory = new TemporaryDirectory({
      "c.pem": keyPair.cert,
      "k.pem": keyPair.key,
    });
    const files = {
      tlsCert: directory.join("c.pem"),
      tlsKey: directory.join("k.pem"),
    };
    assertEquals(readKeyPair(files), { keyPair, warnings: [] });
  },
);

testWith(
  HAS_FILES,
  "openMadeKeys() keeps what it has made in a folder",
  async () => {
    using directory = new TemporaryDirectory();
    const folder = directory.join("a/keys");
    const first = await openMadeKeys(folder, ["192.168.1.7", "203.0.113.7"]);
    const [foreign, made, trust] = first.notes;
    assert(foreign!.includes("not for 203.0.113.7"), foreign);
    assert(made!.includes(`Made an authority in "${folder}"`), made);
    assert(
      trust!.includes(
        `sudo trust anchor ${quotedWord(`${folder}/authority.pem`)}`,
      ),
      trust,
    );
    const again = await openMadeKeys(folder, ["192.168.1.7"]);
    assertEquals(again, { ...first, notes: [] });
    assertEquals(
      namesIn(folder),
      ["authority-key.pem", "authority.pem", "server.pem"],
    );
    if (!IS_UNIX) return;
    for (const name of ["authority-key.pem", "server.pem"]) {
      assertEquals(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600);
    }
    Deno.chmodSync(`${folder}/authority-key.pem`, 0o644);
    const { notes } = await openMadeKeys(folder, []);
    assert(notes[0]!.includes("chmod 600"));
  },
);

testWith(
  HAS_FILES,
  "openMadeKeys() makes one authority, however many start at once",
  async () => {
    using directory = new TemporaryDirectory();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => openMadeKeys(directory.path, [])),
    );
    assertEquals(new Set(all.map(({ fingerprint }) => fingerprint)).size, 1);
    assertEquals(namesIn(directory.path).length, 3);
  },
);

testWith(
  HAS_FILES,
  "openMadeKeys() renews the certificate, and never the authority",
  async () => {
    using directory = new TemporaryDirectory();
    const first = await openMadeKeys(directory.path, [], NOW);
    const authority = read(directory, "authority-key.pem");
    const soon = NOW + CERTIFICATE_MS - RENEWAL_MS;
    assertEquals(
      (await openMadeKeys(directory.path, [], soon - DAY_MS)).keyPair,
      first.keyPair,
    );
    const renewed = await openMadeKeys(directory.path, [], soon + DAY_MS);
    assert(renewed.keyPair.cert !== first.keyPair.cert);
    assertEquals(renewed.fingerprint, first.fingerprint);
    // Even long after its end.
    const late = await openMadeKeys(directory.path, [], NOW + 400 * DAY_MS);
    assert(late.keyPair.cert !== renewed.keyPair.cert);
    const other = await openMadeKeys(
      directory.path,
      ["10.0.0.7"],
      NOW + 400 * DAY_MS,
    );
    assert(certificateNames(other.keyPair.cert).includes("10.0.0.7"));
    assertEquals(read(directory, "authority-key.pem"), authority);
  },
);

/** Puts an authority that openssl has made into a folder where only its key is. */
async function writeForeign(
  directory: TemporaryDirectory,
  kind: readonly string[],
): Promise<void> {
  const [key, cert] = [directory.join("k"), directory.join("c")];
  const { success } = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-nodes", "-subj", "/CN=foreign", "-days", "9"]
      .concat(kind, "-keyout", key, "-out", cert),
    stderr: "null",
  }).output();
  assert(success);
  directory.write(
    "authority-key.pem",
    read(directory, "k") + read(directory, "c"),
  );
  for (const name of ["k", "c", "authority.pem", "server.pem"]) {
    Deno.removeSync(directory.join(name));
  }
}

const FOREIGN_RSA = ["-newkey", "rsa:2048"];
const FOREIGN_EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** Changes of a folder, and what skiff says then; it writes nothing. */
const BROKEN: readonly (readonly [
  name: string,
  change: (directory: TemporaryDirectory) => void | Promise<void>,
  message: string,
  program?: string,
])[] = [
  [
    "a key that is cut off",
    (directory) => directory.write("authority-key.pem", "-----BEGIN PRIVATE"),
    "expected a private key and a certificate in PEM",
  ],
  [
    "an empty key",
    (directory) => directory.write("authority-key.pem", ""),
    "expected a private key",
  ],
  [
    "a broken certificate",
    (directory) => {
      const text = read(directory, "authority-key.pem");
      directory.write(
        "authority-key.pem",
        text.replace(/(BEGIN CERTIFICATE-----\n)..../, "$1AAAA"),
      );
    },
    "is broken",
  ],
  [
    "a key of another authority",
    async (directory) => {
      const { key } = await makeAuthority(NOW);
      const text = read(directory, "authority.pem");
      directory.write("authority-key.pem", key + text);
    },
    "do not belong together",
  ],
  [
    "another authority to trust",
    async (directory) => {
      directory.write("authority.pem", (await makeAuthority(NOW)).cert);
    },
    "it does not belong to",
  ],
  [
    "a missing key",
    (directory) => Deno.removeSync(directory.join("authority-key.pem")),
    "is missing",
  ],
  [
    "an authority that has expired",
    async (directory) => {
      const { key, cert } = await makeAuthority(NOW - 4000 * DAY_MS);
      directory.write("authority-key.pem", key + cert);
      directory.write("authority.pem", cert);
    },
    "it expired on",
  ],
  [
    "a certificate in place of the authority",
    async (directory) => {
      const { key, cert } = await makeCertificate(["localhost"], NOW);
      directory.write("authority-key.pem", key + cert);
      directory.write("authority.pem", cert);
    },
    "it is no authority",
  ],
  [
    "an authority with a key of another kind",
    (directory) => writeForeign(directory, FOREIGN_RSA),
    "skiff did not make this authority; name another folder",
    "openssl",
  ],
  [
    "an authority with another name",
    (directory) => writeForeign(directory, FOREIGN_EC),
    "skiff did not make this authority",
    "openssl",
  ],
  [
    "a certificate of another issuer",
    async (directory) => {
      const { key, cert } = await makeCertificate(["localhost"], NOW);
      directory.write("server.pem", key + cert);
    },
    "did not issue it",
  ],
  [
    "a certificate that is cut off",
    (directory) => {
      directory.write(
        "server.pem",
        read(directory, "server.pem").slice(0, 300),
      );
    },
    "expected a private key and a certificate",
  ],
];

for (const [name, change, message, program] of BROKEN) {
  const title = `openMadeKeys() refuses ${name}, and changes nothing`;
  const run = async () => {
    using directory = new TemporaryDirectory();
    await openMadeKeys(directory.path, []);
    await change(directory);
    const before = filesOf(directory);
    const error = await assertRejects(
      () => openMadeKeys(directory.path, []),
      StartError,
      message,
    );
    assert(error.message.startsWith(`Cannot use "${directory.path}/`));
    assertEquals(filesOf(directory), before);
  };
  if (program === undefined) testWith(HAS_FILES, title, run);
  else testAgainst(program, title, run);
}

Deno.test("isDue() is true for the last 30 days", async () => {
  const pair = await makeCertificate(["localhost"], NOW);
  const end = NOW + CERTIFICATE_MS;
  assertEquals(isDue(pair, end - RENEWAL_MS - DAY_MS), false);
  assertEquals(isDue(pair, end - RENEWAL_MS + DAY_MS), true);
});

Deno.test("watchRenewal() asks for another one when it is due", async () => {
  let pair = await makeCertificate(["localhost"], NOW - CERTIFICATE_MS);
  const next = await makeCertificate(["localhost"], NOW);
  let renewals = 0;
  let looks = 0;
  const watch = watchRenewal(() => {
    looks++;
    return pair;
  }, () => {
    renewals++;
    pair = next;
  }, 1);
  await until(() => looks > 5, "some looks");
  watch.close();
  assertEquals(renewals, 1);
});

Deno.test("madeKeysFor() names what skiff listens on, and allowed names of this machine", async () => {
  const { keyPair } = await madeKeysFor({
    root: undefined,
    releases: undefined,
    https: "",
    host: "192.168.1.7",
    allowedHosts: ["app.localhost", ".b.localhost", "example.com", "*"],
    preview: ["v1=old.localhost", "v1=a.example"].map(parsePreview),
  });
  assertEquals(certificateNames(keyPair.cert), [
    "localhost",
    "127.0.0.1",
    "::1",
    "192.168.1.7",
    "app.localhost",
    "b.localhost",
    "old.localhost",
  ]);
});

testWith(
  HAS_FILES,
  "madeKeysFor() keeps no keys where clients can fetch them",
  async () => {
    using directory = new TemporaryDirectory({ "site/index.html": "" });
    const root = directory.join("site");
    Deno.symlinkSync(root, directory.join("link"));
    const tried = (
      folder: string,
      served: { root?: string; releases?: string },
    ) =>
      madeKeysFor({
        host: "127.0.0.1",
        allowedHosts: undefined,
        preview: [],
        https: directory.join(folder),
        root: undefined,
        releases: undefined,
        ...served,
      });
    const refused: readonly (readonly [string, Parameters<typeof tried>[1]])[] =
      [
        ["site", { root }],
        ["site/keys", { root }],
        ["link", { root }],
        ["site", { root: directory.join("link") }],
        ["site/1/keys", { releases: root }],
      ];
    for (const [folder, served] of refused) {
      await assertRejects(
        () => tried(folder, served),
        StartError,
        "where clients can fetch them; name a folder elsewhere",
      );
    }
    assertEquals(namesIn(directory.path), ["link", "site"]);
    assertEquals([...Deno.readDirSync(root)].length, 1);
    await tried("site/.keys", { root });
    await tried("keys", { root });
  },
);
