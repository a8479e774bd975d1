/**
 * The systems that executables can be made for, and how an executable for one begins. Pure.
 *
 * @module
 */

/** What the beginning of an executable says of the machine that it is for. */
interface Machine {
  readonly format: "ELF" | "Mach-O" | "PE";
  /** The format's own number for the processor. */
  readonly number: number;
}

/**
 * The machines by their targets: e_machine of ELF (gABI, "Machine"), cputype of Mach-O
 * (mach/machine.h), Machine of PE (Microsoft's "PE Format", "Machine Types").
 */
const MACHINES: ReadonlyMap<string, Machine> = new Map([
  ["x86_64-unknown-linux-gnu", { format: "ELF", number: 62 }],
  ["aarch64-unknown-linux-gnu", { format: "ELF", number: 183 }],
  ["x86_64-apple-darwin", { format: "Mach-O", number: 0x0100_0007 }],
  ["aarch64-apple-darwin", { format: "Mach-O", number: 0x0100_000c }],
  ["x86_64-pc-windows-msvc", { format: "PE", number: 0x8664 }],
]);

/** The systems that executables can be made for. */
export const TARGETS: readonly string[] = [...MACHINES.keys()];

/** How many bytes of a file {@linkcode isImageFor} needs: a PE header is behind a program for DOS. */
export const IMAGE_HEAD_BYTES = 4096;

/** Whether an executable, of which these are the first bytes, is for a target. False for an unknown target. */
export function isImageFor(head: Uint8Array, target: string): boolean {
  const expected = MACHINES.get(target);
  const found = machineOf(head);
  return expected !== undefined && expected.format === found?.format &&
    expected.number === found.number;
}

/** All of them are little-endian here, and for 64 bits. */
function machineOf(head: Uint8Array): Machine | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  try {
    const magic = view.getUint32(0, false);
    if (magic === 0x7f45_4c46) {
      // EI_CLASS is ELFCLASS64, EI_DATA is ELFDATA2LSB.
      if (view.getUint16(4, false) !== 0x0201) return undefined;
      return { format: "ELF", number: view.getUint16(18, true) };
    }
    if (magic === 0xcffa_edfe) {
      return { format: "Mach-O", number: view.getUint32(4, true) };
    }
    if (magic >>> 16 !== 0x4d5a) return undefined;
    const at = view.getUint32(0x3c, true);
    if (view.getUint32(at, false) !== 0x5045_0000) return undefined;
    return { format: "PE", number: view.getUint16(at + 4, true) };
  } catch (error) {
    // It ends before it has said what it is.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
