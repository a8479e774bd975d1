/**
 * Small valid files of kinds that a browser looks into.
 *
 * @module
 */

import { bytesOf, utf8 } from "../helpers.ts";

/** Bytes of sound for a second: 44,100 frames of two channels with 16 bits each. */
export const WAV_BYTES_PER_SECOND = 44_100 * 4;

/** Silence of so many seconds in the RIFF WAVE format: integer PCM, 44.1 kHz, stereo. */
export function wav(seconds: number): Uint8Array<ArrayBuffer> {
  const dataBytes = seconds * WAV_BYTES_PER_SECOND;
  const bytes = new Uint8Array(44 + dataBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(utf8("RIFF"), 0);
  view.setUint32(4, 36 + dataBytes, true);
  bytes.set(utf8("WAVEfmt "), 8);
  view.setUint32(16, 16, true); // length of this chunk
  view.setUint16(20, 1, true); // integer PCM
  view.setUint16(22, 2, true); // channels
  view.setUint32(24, 44_100, true); // frames a second
  view.setUint32(28, WAV_BYTES_PER_SECOND, true);
  view.setUint16(32, 4, true); // bytes of a frame
  view.setUint16(34, 16, true); // bits of a sample
  bytes.set(utf8("data"), 36);
  view.setUint32(40, dataBytes, true);
  return bytes;
}

/** A WebAssembly module: `(module (func (export "answer") (result i32) i32.const 42))`. */
export const WASM: Uint8Array<ArrayBuffer> = bytesOf([
  "\0asm\x01\0\0\0", // magic number and version
  "\x01\x05\x01\x60\0\x01\x7f", // types: () → i32
  "\x03\x02\x01\0", // functions: one, of type 0
  "\x07\x0a\x01\x06answer\0\0", // exports: function 0
  "\x0a\x06\x01\x04\0\x41\x2a\x0b", // code: i32.const 42
].join(""));

/** A whole HTML document around a body. */
export function page(body: string): string {
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Test</title><body>${body}`;
}

/** A page that plays /long.wav; `jump(seconds)` seeks in it, plays on, and resolves to where it is then. */
export const PLAYER: string = page(
  `<audio src="/long.wav" preload="auto" muted></audio>
<script>
const player = document.querySelector("audio");
function told(name) {
  return new Promise((resolve) => player.addEventListener(name, resolve, { once: true }));
}
async function jump(seconds) {
  if (player.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) await told("canplay");
  player.currentTime = seconds;
  await told("seeked");
  await player.play();
  while (player.currentTime <= seconds) await told("timeupdate");
  player.pause();
  return player.currentTime;
}
</script>`,
);
