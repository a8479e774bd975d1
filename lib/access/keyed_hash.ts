/**
 * HalfSipHash-2-4 (Jean-Philippe Aumasson and Daniel J. Bernstein, "SipHash: a
 * fast short-input PRF"; the variant with 32-bit words, which JavaScript
 * computes fast): a 64-bit hash of a short text under a secret key.
 *
 * Without the key, collisions cannot be predicted, only found by trying.
 *
 * @module
 */

/** A 64-bit key as two 32-bit numbers. */
export type HashKey = readonly [low: number, high: number];

/** Rounds per word of the text, and at the end. */
const WORD_ROUNDS = 2;
const FINAL_ROUNDS = 4;

/** Hashes texts under one key. Isolates must not share one object. */
export class KeyedHash {
  /** The first 32 bits of the last text's hash, as a signed number. */
  low = 0;
  /** The other 32 bits. */
  high = 0;
  readonly #key: HashKey;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  /** A hash under a key. */
  constructor(key: HashKey) {
    this.#key = [key[0] | 0, key[1] | 0];
  }

  /** Stores the hash of a text in `low` and `high`. Uses only the lower eight bits of each character. */
  update(text: string): void {
    const [low, high] = this.#key;
    this.#v0 = low;
    this.#v1 = high ^ 0xee;
    this.#v2 = 0x6c796765 ^ low;
    this.#v3 = 0x74656462 ^ high;
    const whole = text.length & ~3;
    for (let at = 0; at < whole; at += 4) this.#absorb(wordAt(text, at, 4));
    const last = wordAt(text, whole, text.length - whole);
    this.#absorb(last | text.length << 24);
    this.#v2 ^= 0xee;
    this.#mix(FINAL_ROUNDS);
    this.low = this.#v1 ^ this.#v3;
    this.#v1 ^= 0xdd;
    this.#mix(FINAL_ROUNDS);
    this.high = this.#v1 ^ this.#v3;
  }

  #absorb(word: number): void {
    this.#v3 ^= word;
    this.#mix(WORD_ROUNDS);
    this.#v0 ^= word;
  }

  #mix(rounds: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v2 = (v2 + v3) | 0;
      v1 = rotated(v1, 5) ^ v0;
      v3 = rotated(v3, 8) ^ v2;
      v0 = (rotated(v0, 16) + v3) | 0;
      v2 = (v2 + v1) | 0;
      v3 = rotated(v3, 7) ^ v0;
      v1 = rotated(v1, 13) ^ v2;
      v2 = rotated(v2, 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}

function rotated(value: number, bits: number): number {
  return value << bits | value >>> (32 - bits);
}

/** Up to four characters of a text as a word, the first in its lowest bits. */
function wordAt(text: string, at: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) {
    word |= (text.charCodeAt(at + i) & 0xff) << 8 * i;
  }
  return word;
}
