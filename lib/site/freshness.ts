/**
 * Cache-Control for a file, decided by its URL path alone.
 *
 * Build tools write a hash of the content into the names of their files. What
 * such a name stands for never changes, so it may be kept for ever; everything
 * else is asked for again each time, which costs a 304 and no more. The two
 * mistakes are not equal: a missed hash costs that 304, a wrong "immutable"
 * keeps an old file in a browser for a year with no way to call it back. So the
 * recogniser says yes only to names that no person would give.
 *
 * @module
 */

/** For names that carry a hash: RFC 9111 §5.2.2.1, RFC 8246 §2. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

/** Store, but ask before each use: RFC 9111 §5.2.2.4. */
export const REVALIDATE = "no-cache";

/** Keep no copy at all: RFC 9111 §5.2.2.5. */
export const NO_STORE = "no-store";

/**
 * The types build tools hash. Names of scripts, styles and fonts are given by
 * programmers; names of pictures and recordings come from cameras, shops and
 * data bases too and are full of identifiers, so they have to prove more.
 *
 * Absent on purpose: HTML (never hashed); source maps, whose bytes Vite, webpack
 * and Parcel change under the same name when only a comment changes; JSON, where
 * Sprockets rewrites a manifest whose name looks hashed; documents and archives.
 */
const KINDS: ReadonlyMap<string, "code" | "media"> = new Map([
  ...["js", "mjs", "css", "wasm", "woff2", "woff", "ttf", "otf", "eot"].map(
    (extension) => [extension, "code"] as const,
  ),
  ...[
    ...["svg", "png", "jpg", "jpeg", "gif", "webp", "avif", "ico"],
    ...["mp4", "webm", "ogg", "mp3", "wav", "m4a", "aac", "flac"],
  ].map((extension) => [extension, "media"] as const),
]);

/** What tools put between the hash and the extension: `main.1f0c9a7e.min.js`. */
const AFTERWORDS = [".async", ".chunk", ".digested", ".lean", ".min", ".worker"];

/**
 * Lower-case hexadecimal digests by length, with the separators each is believed
 * after. A word for the tools: 8 Parcel, Vite 2–4, Vue CLI, Propshaft; 10
 * gulp-rev; 12 Django; 16 Angular, Next.js, Rspack; 20 webpack; 32 Phoenix,
 * file-loader; 40 and 64 Propshaft, Sprockets; 32 to 128 Hugo. `^` is a name that is nothing but
 * the digest. 24 is absent: data base identifiers have that length.
 */
const HEX_AFTER = {
  code: new Map([
    [8, ".-"],
    [10, ".-"],
    [12, "."],
    [16, ".-^"],
    [20, ".-^"],
    [32, ".-^"],
    [40, ".-^"],
    [64, ".-^"],
    [96, ".-"],
    [128, ".-"],
  ]),
  media: new Map([
    [8, "."],
    [10, "."],
    [12, "."],
    [16, "."],
    [20, ".-^"],
    [32, ".-"],
    [40, "."],
    [64, ".-"],
    [96, ".-"],
    [128, ".-"],
  ]),
};

/** Bits of words people spell in hexadecimal, dates (5feb2024) and counting. */
const HEX_WORDS =
  /dead|beef|cafe|babe|face|fade|feed|f00d|d00d|b00b|c0de|c0ff|5ea5|dec|feb|abc|123/;

/**
 * For each letter those that often follow it: 300 of the 676 pairs, which make up
 * 96 % of the pairs in English words and in the names of program files.
 */
const FOLLOWERS: Readonly<Record<string, string>> = {
  a: "abcdefgiklmnprstuvwy",
  b: "abcdefilorsu",
  c: "abcdefghikloprstuy",
  d: "abcdefgilorsu",
  e: "abcdefghilmnoprstuvwxy",
  f: "abcdefilortu",
  g: "aeghilnorsu",
  h: "aeiortuy",
  i: "abcdefgklmnoprstvxz",
  j: "e",
  k: "aeis",
  l: "adeilopstuy",
  m: "abeimopsu",
  n: "acdefghiklnostuv",
  o: "abcdefgiklmnoprstuvwx",
  p: "aehiloprstuy",
  q: "u",
  r: "abcdefgiklmnoprstuvy",
  s: "acehiklmnopstuvwy",
  t: "acehiklorstuwy",
  u: "abcdegilmnprst",
  v: "aeiot",
  w: "aehino",
  x: "eipt",
  y: "elmnps",
  z: "aeio",
};

/** Directories which belong to one tool, where every name is hashed. */
const TOOL_DIRECTORIES = [
  "/_app/immutable/",
  "/_astro/",
  "/_next/static/",
  "/_nuxt/",
];

/**
 * Cache-Control for the file at `path`: {@linkcode IMMUTABLE} when its name
 * carries a hash, else {@linkcode REVALIDATE}. HTML is always asked for again.
 */
export function cacheControl(path: string): string {
  return isHashedName(path) ? IMMUTABLE : REVALIDATE;
}

/**
 * Whether the name of the file at `path` carries a hash of its build, so that
 * other content would have another name.
 *
 * `path` is the URL path of the file that is sent, percent-decoded. The time
 * taken is linear in its length.
 */
export function isHashedName(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const kind = KINDS.get(name.slice(dot + 1));
  if (dot < 1 || kind === undefined || name.startsWith(".")) return false;
  const stem = withoutAfterword(name.slice(0, dot));
  if (isIdentifier(stem)) return false;
  return isHexHash(stem, kind) || isTextHash(stem, kind) ||
    isEsbuildChunk(stem, kind) || isToolHash(path, stem);
}

function withoutAfterword(stem: string): string {
  const afterword = AFTERWORDS.find((word) => stem.endsWith(word));
  return afterword === undefined ? stem : stem.slice(0, -afterword.length);
}

/** Names that end in what names a version, a commit or a record. */
function isIdentifier(stem: string): boolean {
  const end = stem.slice(-36);
  return stem.includes("+") || // build metadata of a semantic version
    /[-.]g[0-9a-f]{7}$/.test(end) || // git describe
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(end) ||
    /[0-9a-f]{12}[147][0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(end); // UUID, bare
}

/** A digest in hexadecimal at the end of `stem`. */
function isHexHash(stem: string, kind: "code" | "media"): boolean {
  const start = Math.max(stem.lastIndexOf("."), stem.lastIndexOf("-")) + 1;
  const separator = start === 0 ? "^" : stem[start - 1]!;
  const after = HEX_AFTER[kind].get(stem.length - start);
  if (after === undefined || !after.includes(separator)) return false;
  const token = stem.slice(start);
  if (!/^[0-9a-f]+$/.test(token)) return false;
  const runs = token.match(/[a-f]+|[0-9]+/g)!.length;
  return runs >= 3 && (token.length > 12 || !HEX_WORDS.test(token));
}

/** Eight characters of base64url, base36 or base32 at the end of `stem`. */
function isTextHash(stem: string, kind: "code" | "media"): boolean {
  const token = stem.slice(-8);
  if (!/^[-.]/.test(stem.slice(-9)) || stem.length < 9) return false;
  if (!/^[A-Za-z0-9_-]+$/.test(token)) return false;
  const bar = kind === "code" ? 4 : 5;
  const odd = oddness(token);
  const upper = /[A-Z]/.test(token), lower = /[a-z]/.test(token), digit = /[0-9]/.test(token), sep = /[-_]/.test(token);
  if (upper && lower && digit && !sep) return odd >= bar && !isCamelCase(token);
  if (upper && lower && !sep) return odd >= bar+1 && !isCamelCase(token);
  if (upper && lower && sep) return odd >= bar;
  if (lower && digit && !sep) return odd >= bar+1 && !/^[0-9dhmpstx]+$/.test(token);
  if (upper && digit && !sep) return odd >= bar && /^[A-Z2-7]+$/.test(token);
  return false;
}

/** esbuild's shared chunks have no name of their own: `chunk-NKPSIFRF.js`. */
function isEsbuildChunk(stem: string, kind: "code" | "media"): boolean {
  return kind === "code" && /(?:^|[.-])chunk-[A-Z2-7]{8}$/.test(stem.slice(-15));
}

function isCamelCase(token: string): boolean {
  return /^(?:[a-z]+|[A-Z][a-z]+|[0-9]+)(?:[A-Z][a-z]+|[0-9]+)*$/.test(token);
}

function isToolHash(path: string, stem: string): boolean {
  const directory = TOOL_DIRECTORIES.find((name) => path.includes(name));
  if (directory === undefined) return false;
  if (directory === "/_next/static/") {
    if (/^[0-9a-f]{16}(?:-s)?(?:\.p)?$/.test(stem)) return true;
    const m = /\/_next\/static\/([A-Za-z0-9_-]{21})\/_[A-Za-z]+\.js$/.exec(path);
    if (m) return oddness(m[1]!) >= 9;
    const t = stem.slice(-13);
    if (/^[0-9][0-9a-z_-]{12}$/.test(t) && oddness(t) >= 3) return stem.length===13 || /^[.-]/.test(stem.slice(-14));
  }
  const m = /^(.{0,8000}\.[A-Za-z0-9_-]{8})_[A-Za-z0-9]{4,8}$/.exec(stem);
  if (m && directory === "/_astro/") stem = m[1]!;
  const token = stem.slice(-8);
  return (stem.length === 8 || /^[.-]/.test(stem.slice(-9))) && /^[A-Za-z0-9_-]{8}$/.test(token) && oddness(token)>=3 && !/^(?:[a-z]+|[A-Z]+)$/.test(token);
}

/** How many steps from one character to the next are odd in a name. */
export function oddness(token: string): number {
  let odd = 0;
  for (let i = 1; i < token.length; i++) {
    if (isOddStep(token[i - 1]!, token[i]!)) odd++;
  }
  return odd;
}

function isOddStep(a: string, b: string): boolean {
  const from = caseOf(a);
  const to = caseOf(b);
  if (from === "separator" || to === "separator") return from === to;
  if (from === "digit" || to === "digit") return from !== to;
  if (from === "lower" && to === "upper") return true;
  return !FOLLOWERS[a.toLowerCase()]!.includes(b.toLowerCase());
}

function caseOf(character: string): "lower" | "upper" | "digit" | "separator" {
  if (character >= "a" && character <= "z") return "lower";
  if (character >= "A" && character <= "Z") return "upper";
  return character >= "0" && character <= "9" ? "digit" : "separator";
}
