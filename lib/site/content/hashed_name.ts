/**
 * Recognizes names with a hash of their content.
 *
 * Build tools write a hash of the content into file names. The content of such
 * a name never changes, so it can be cached forever; everything else is
 * revalidated before each use, which costs a 304. The two mistakes are not
 * equal: a missed hash costs that 304, but a wrong "immutable" keeps an old
 * file in browsers for a year. So {@linkcode isHashedName} accepts only names
 * that no person would choose.
 *
 * Of 2,246 names that 19 tools wrote with their default patterns, it recognized
 * 77 %: 99 % of those in directories that belong to a tool, 88 % of hexadecimal
 * hashes, 68 % of base64url (Vite, Rollup), next to none of base36 (Bun); 85 %
 * of scripts and styles, 54 % of media. Of 3,730,806 file names in Debian 12
 * and 126,065 in 2,389 npm packages it recognized 157 and 958. All of these
 * were checked by hand, and are hashes of builds. It is stricter since: of
 * random hashes it recognizes 93 % instead of 98 in such directories, 62 %
 * instead of 95 in base32 after `chunk-` (esbuild), and as many as before of
 * all other forms.
 *
 * It cannot see that a hash is not of the content. With `--no-content-hash`,
 * Parcel hashes other things into names of the same form; and the digest of an
 * email address looks like that of an image, except for the word before it.
 *
 * {@linkcode mayHaveHash} is for questions where a wrong yes is harmless. It says yes to 98 of 100 random hashes of
 * esbuild, Vite and Parcel, 92 of Bun, and to 30 of 8,739 other names in Debian 12, most of them hashes too.
 *
 * @module
 */

type Kind = "code" | "font" | "media";

/**
 * Types that build tools hash. Programmers name scripts, styles and fonts; cameras, shops and databases name images
 * and recordings, often with identifiers. So media need more evidence than code.
 *
 * Omitted on purpose: HTML, which is never hashed; source maps, which change under the same name when only a comment
 * changes (seen with Vite, webpack and Parcel); JSON, because Sprockets rewrites a manifest with a hash-like name;
 * documents and archives, which people number.
 */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...kinds("code", "js mjs css wasm"),
  ...kinds("font", "woff2 woff ttf otf eot"),
  ...kinds("media", "svg png jpg jpeg gif webp avif ico"),
  ...kinds("media", "mp4 webm ogg mp3 wav m4a aac flac"),
]);

/** A word that tools put after the hash: `main.1f0c9a7e.min.js`. */
const AFTERWORD = /\.(?:async|chunk|digested|lean|min|worker)$/;

/**
 * Lengths of lower-case hexadecimal digests, and what must precede them; `^` is the start of the name. Written by: 8
 * Parcel, Vite 2 to 4, Vue CLI, Propshaft; 10 gulp-rev; 12 Django; 16 Angular, Next.js, Rspack; 20 webpack; 32
 * Phoenix, Create React App; 64 Sprockets; 32 to 128 Hugo. 24 is missing: database identifiers have that length.
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

/** What people write in hexadecimal digits: years, words, months, sequences. */
const HEX_WORDS =
  /^(?:19|20)[0-9]{2}|dead|beef|cafe|babe|face|fade|feed|f00d|d00d|b00b|c0de|c0ff|5ea5|dec|feb|abc|123/;

/**
 * Lengths of hashes in larger alphabets. Tools default to 8; configurations set the others. Their odd steps
 * distinguish such hashes from names, see {@linkcode oddSteps}.
 */
const TEXT_LENGTHS = [8, 10, 16, 20];

/** Lengths of hashes of any kind. */
const HASH_LENGTHS = [
  ...new Set([...TEXT_LENGTHS, ...HEX_AFTER.code.keys()]),
];

/**
 * For each letter, the letters that often follow it: 300 of 676 pairs, which make up 96 % of all pairs in English
 * words and names of program files.
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

/** Abbreviations with odd letter pairs. */
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
 * What precedes a hexadecimal identifier that is not a hash of a build: `avatar-` and a digest of an email address,
 * `config.` and a MAC address, `swatch.` and a colour.
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

/** Directories that belong to one tool, which hashes all names in them: SvelteKit, Astro, Next.js, Nuxt. */
const TOOL_DIRECTORIES = [
  "/_app/immutable/",
  "/_astro/",
  "/_next/static/",
  "/_nuxt/",
];

/**
 * Whether the name of the file at `path` contains a hash of its build, so that other content would have another name.
 *
 * `path` is the URL path of the file, percent-decoded, with its leading slash. Takes time linear in its length.
 */
export function isHashedName(path: string): boolean {
  const { stem, kind } = stemOf(path) ?? {};
  if (stem === undefined || kind === undefined) return false;
  return isHexHash(stem, kind) || isTextHash(stem, kind) ||
    isToolHash(path, stem) || isNextHash(path, stem);
}

/**
 * Whether the name of the file at `path` may contain a hash of its build: true for all that {@linkcode isHashedName}
 * accepts, and for names of the same types that are no plain words and numbers. For questions where a wrong yes costs
 * little, because no cache stores the response for a year.
 */
export function mayHaveHash(path: string): boolean {
  const stem = stemOf(path)?.stem;
  if (stem === undefined) return false;
  return isHashedName(path) || HASH_LENGTHS.some((length) => {
    const token = tokenOf(stem, length);
    if (token === undefined || PLAIN.test(token)) return false;
    return /^[0-9a-f]+$/.test(token) || oddSteps(token) >= 2;
  });
}

/** What a hash is not: digits alone, or letters in one word. */
const PLAIN = /^(?:[0-9_-]+|[A-Z]?[a-z]+)$/;

/** Matches a text that ends in one of the words or in its plural. */
function endingIn(...lines: readonly string[]): RegExp {
  const words = lines.join(" ").replaceAll(" ", "|");
  return new RegExp(`(?:^|[^a-z])(?:${words})s?$`, "i");
}

function kinds(kind: Kind, extensions: string): [string, Kind][] {
  return extensions.split(" ").map((extension) => [extension, kind]);
}

/** Returns the part of a name that can have a hash; undefined for types that have none. */
function stemOf(path: string): { stem: string; kind: Kind } | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const kind = KINDS.get(name.slice(dot + 1));
  if (dot < 1 || kind === undefined || name.startsWith(".")) return undefined;
  const stem = name.slice(0, dot).replace(AFTERWORD, "");
  // This is build metadata of a semantic version; no tool puts a plus sign into names.
  return stem.includes("+") ? undefined : { stem, kind };
}

/** Whether `stem` ends in a hexadecimal digest. */
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

/** Returns the last `length` characters of `stem`, if they follow a separator. */
function tokenOf(stem: string, length: number): string | undefined {
  const token = stem.slice(-length);
  const separated = ".-".includes(stem.at(-length - 1) ?? "^");
  return separated && /^[A-Za-z0-9_-]+$/.test(token) ? token : undefined;
}

function looksRandom(token: string, kind: Kind): boolean {
  return oddSteps(token) >= oddStepsNeeded(token, kind) &&
    // A person may have written it all the same.
    !isTidy(token) && !hasWord(token);
}

/** Returns how many odd steps make a token look random; Infinity if none would. */
function oddStepsNeeded(token: string, kind: Kind): number {
  const { length } = token;
  const words = wordsIn(token).length;
  const digit = /[0-9]/.test(token);
  if (!/[A-Z]/.test(token) || !/[a-z]/.test(token)) {
    // base32 (esbuild, Angular). Product codes look like it, hence only for code.
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
  // Rollup and Vite write 128 bits in base64url: three quarters of their hashes begin with one of
  // these letters, which is additional evidence.
  const less = words >= 5 && /^[BCD]/.test(token) ? 1 : 0;
  return 4 + more - less;
}

/** Tidy camelCase: `Hwb2Lch5`, `Sty3Blk7`. */
function isTidy(token: string): boolean {
  return wordsIn(token).every((word) =>
    /^(?:[A-Z]?[a-z]{2,}|[0-9]+)$/.test(word)
  );
}

/**
 * Whether a token contains something that people know: an abbreviation, a formula, or a word such as `Menu` in
 * `x2Menu5Q`.
 */
function hasWord(token: string): boolean {
  return ABBREVIATIONS.test(token) || NUMERONYMS.test(token) ||
    FORMULA.test(token) ||
    wordsIn(token).some((word) =>
      /^[A-Z]?[a-z]{3,}$/.test(word) && oddSteps(word) === 0 ||
      /^[A-Z]{6,}$/.test(word) && oddSteps(word) <= 1
    );
}

/**
 * Whether a name in one of the {@linkcode TOOL_DIRECTORIES} has a hash. These directories have no other names, so
 * the hash need not follow a name, and anything but plain words counts.
 */
function isToolHash(path: string, stem: string): boolean {
  if (!TOOL_DIRECTORIES.some((name) => path.includes(name))) return false;
  // Astro appends how it processed the image: `hero.C36uKh3O_2qzv8F.webp`.
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

/** Splits a token into words as in camelCase; numbers count. */
function wordsIn(token: string): string[] {
  return token.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g) ?? [];
}

/**
 * Counts the steps from one character to the next that are rare in names: to a letter that seldom follows, from small
 * to capital, between letter and digit.
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
