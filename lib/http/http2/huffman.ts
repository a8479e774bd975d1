/**
 * The Huffman code of HPACK (RFC 7541 §5.2 and Appendix B).
 *
 * The code is canonical: codes of one length are consecutive, in the order of
 * their symbols, and begin where the shorter ones end. So the lengths say it
 * all. The decoder takes four bits a step: no code is shorter than five, so a
 * step ends one symbol at most.
 *
 * @module
 */

/** All symbols by the length of their code: single bytes, and ranges of them. 256 ends a text, and must not occur. */
const SYMBOLS_BY_LENGTH: readonly (readonly [bits: number, symbols: string])[] =
  [
    [5, "48-50 97 99 101 105 111 115 116"],
    [6, "32 37 45-47 51-57 61 65 95 98 100 102-104 108-110 112 114 117"],
    [7, "58 66-87 89 106 107 113 118-122"],
    [8, "38 42 44 59 88 90"],
    [10, "33 34 40 41 63"],
    [11, "39 43 124"],
    [12, "35 62"],
    [13, "0 36 64 91 93 126"],
    [14, "94 125"],
    [15, "60 96 123"],
    [19, "92 195 208"],
    [20, "128 130 131 162 184 194 224 226"],
    [21, "153 161 167 172 176 177 179 209 216 217 227 229 230"],
    [
      22,
      "129 132-134 136 146 154 156 160 163 164 169 170 173 178 181 185-187 189 190 196 198 228 232 233",
    ],
    [
      23,
      "1 135 137-141 143 147 149-152 155 157 158 165 166 168 174 175 180 182 183 188 191 197 231 239",
    ],
    [24, "9 142 144 145 148 159 171 206 215 225 236 237"],
    [25, "199 207 234 235"],
    [26, "192 193 200-202 205 210 213 218 219 238 240 242 243 255"],
    [27, "203 204 211 212 214 221-223 241 244-248 250-254"],
    [28, "2-8 11 12 14-21 23-31 127 220 249"],
    [30, "10 13 22 256"],
  ];

const END_OF_TEXT = 256;
const SYMBOLS = 257;

/** Code and its length in bits, by symbol. */
const CODES = new Uint32Array(SYMBOLS);
const LENGTHS = new Uint8Array(SYMBOLS);
assignCodes();

function assignCodes(): void {
  let code = 0;
  let before = 0;
  for (const [bits, symbols] of SYMBOLS_BY_LENGTH) {
    code <<= bits - before;
    before = bits;
    for (const range of symbols.split(" ")) {
      const [first, last = first] = range.split("-").map(Number);
      for (let symbol = first!; symbol <= last!; symbol++) {
        CODES[symbol] = code++;
        LENGTHS[symbol] = bits;
      }
    }
  }
}

/** The number of inner nodes of a binary tree with 257 leaves; each is a state of the decoder, the root is 0. */
const STATES = SYMBOLS - 1;

/** {@linkcode STEPS}: bits of the next state, above those of the symbol. */
const SYMBOL_BITS = 8;
const STATE_BITS = 8;
/** {@linkcode STEPS}: the step ends a symbol. */
const EMITS = 1 << (SYMBOL_BITS + STATE_BITS);
/** {@linkcode STEPS}: the bits are those of {@linkcode END_OF_TEXT}, which is an error. */
const FAILS = EMITS << 1;

/** What four bits do in a state, made when the first text comes: [16 * state + bits]. */
let steps: Uint32Array | undefined;
/** States in which a text may end: after at most seven ones, the beginning of END_OF_TEXT (RFC 7541 §5.2). */
const MAY_END = new Uint8Array(STATES);

/** Children of inner nodes: [2 * node + bit] is another node, or a symbol as its bitwise complement. */
function buildTree(): Int16Array {
  const children = new Int16Array(2 * STATES);
  let nodes = 1;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    let node = 0;
    for (let bit = LENGTHS[symbol]! - 1; bit > 0; bit--) {
      const place = 2 * node + (CODES[symbol]! >>> bit & 1);
      if (children[place] === 0) children[place] = nodes++;
      node = children[place]!;
    }
    children[2 * node + (CODES[symbol]! & 1)] = ~symbol;
  }
  return children;
}

function buildSteps(): Uint32Array {
  const children = buildTree();
  const table = new Uint32Array(16 * STATES);
  for (let at = 0; at < table.length; at++) {
    let node = at >> 4;
    let result = 0;
    for (let bit = 3; bit >= 0; bit--) {
      const child = children[2 * node + (at >> bit & 1)]!;
      if (child === ~END_OF_TEXT) result |= FAILS;
      else if (child < 0) result |= EMITS | ~child;
      node = child < 0 ? 0 : child;
    }
    table[at] = result | node << SYMBOL_BITS;
  }
  let node = 0;
  for (let ones = 0; ones < 8; ones++) {
    MAY_END[node] = 1;
    node = children[2 * node + 1]!;
  }
  return table;
}

/**
 * Decodes bytes[start, end) to the beginning of `out`. Returns the length of the text, of which only so much is
 * written as `out` has room for; or -1 if the padding is not that of RFC 7541, or END_OF_TEXT occurs.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
): number {
  const table = steps ??= buildSteps();
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const high = table[state | byte >> 4]!;
    if ((high & EMITS) !== 0) {
      if (length < out.length) out[length] = high;
      length++;
    }
    const low = table[high >> 4 & 0xff0 | byte & 0xf]!;
    if ((low & EMITS) !== 0) {
      if (length < out.length) out[length] = low;
      length++;
    }
    if (((high | low) & FAILS) !== 0) return -1;
    state = low >> 4 & 0xff0;
  }
  return MAY_END[state >> 4] === 1 ? length : -1;
}

/** Bytes that a text takes when it is encoded. Characters must be bytes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += LENGTHS[text.charCodeAt(i)]!;
  return Math.ceil(bits / 8);
}

/** Encodes a text whose characters are bytes to out[at…], and returns the index after it. */
export function encodeHuffman(
  text: string,
  out: Uint8Array,
  at: number,
): number {
  // At most 7 bits wait for a code of at most 30: more than the 32 of a bitwise operation.
  let waiting = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i);
    waiting = waiting * 2 ** LENGTHS[symbol]! + CODES[symbol]!;
    for (bits += LENGTHS[symbol]!; bits >= 8; bits -= 8) {
      const place = 2 ** (bits - 8);
      const byte = Math.floor(waiting / place);
      out[at++] = byte;
      waiting -= byte * place;
    }
  }
  if (bits > 0) out[at++] = (waiting + 1) * 2 ** (8 - bits) - 1;
  return at;
}
