/**
 * How executables for other machines begin.
 *
 * @module
 */

/** Bytes with some numbers in them, little-endian: where, how many bytes, what. */
function image(
  length: number,
  ...numbers: readonly (readonly [at: number, bytes: 2 | 4, value: number])[]
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(length));
  for (const [at, bytes, value] of numbers) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return new Uint8Array(view.buffer);
}

const ELF = [0, 4, 0x464c_457f] as const;
const CLASS_64_LITTLE = [4, 2, 0x0102] as const;
const MACH_O_64 = [0, 4, 0xfeed_facf] as const;
const DOS = [0, 2, 0x5a4d] as const;

/** A beginning for each target. */
export const IMAGES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "x86_64-unknown-linux-gnu": image(64, ELF, CLASS_64_LITTLE, [18, 2, 62]),
  "aarch64-unknown-linux-gnu": image(64, ELF, CLASS_64_LITTLE, [18, 2, 183]),
  "x86_64-apple-darwin": image(32, MACH_O_64, [4, 4, 0x0100_0007]),
  "aarch64-apple-darwin": image(32, MACH_O_64, [4, 4, 0x0100_000c]),
  "x86_64-pc-windows-msvc": image(
    512,
    DOS,
    [0x3c, 4, 0x100],
    [0x100, 4, 0x4550],
    [0x104, 2, 0x8664],
  ),
};

/** Beginnings for machines that are no target. */
export const FOREIGN_IMAGES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> =
  {
    "ELF of 32 bits": image(64, ELF, [4, 2, 0x0101], [18, 2, 62]),
    "ELF with the great end first": image(64, ELF, [4, 2, 0x0202], [18, 2, 62]),
    "ELF for RISC-V": image(64, ELF, CLASS_64_LITTLE, [18, 2, 243]),
    "ELF that is cut": image(19, ELF, CLASS_64_LITTLE),
    "Mach-O for several machines": image(32, [0, 4, 0xbeba_feca]),
    "a program for DOS": image(512, DOS, [0x3c, 4, 0x100]),
    "a program for DOS that points beyond its end": image(
      512,
      DOS,
      [0x3c, 4, 0xffff_ffff],
    ),
    "PE for ARM": image(
      512,
      DOS,
      [0x3c, 4, 0x100],
      [0x100, 4, 0x4550],
      [0x104, 2, 0xaa64],
    ),
    "a script": new TextEncoder().encode("#!/bin/sh\necho skiff\n"),
    "nothing": new Uint8Array(),
  };
