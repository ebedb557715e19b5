import { MiB } from "../../domain/bytes.ts"
import { openLibc } from "./libc.ts"

/** On x86-64, and on 64-bit ARM with its usual pages. Wrong elsewhere, it does no harm. */
const hugePageBytes = 2 * MiB
const adviseHugePage = 14

/** Asks for large pages and says at which byte the first of them begins. */
type Advise = (memory: Uint8Array) => number

let loaded: Promise<Advise> | undefined

/**
 * Zeroes that threads may share, from the border of a page on, in large pages where the kernel has some left. A disk
 * gets to know memory by its pages: to read a gigabyte past the kernel into small ones took 0.75 s instead of 0.54.
 */
export async function allocateHugePages(bytes: number): Promise<Uint8Array<SharedArrayBuffer>> {
  loaded ??= load().catch(() => () => 0)
  const advise = await loaded
  const all = new SharedArrayBuffer(bytes + hugePageBytes) // what is never touched takes no memory
  const border = advise(new Uint8Array(all))
  return new Uint8Array(all, border, bytes)
}

async function load(): Promise<Advise> {
  if (process.platform !== "linux") return () => 0
  const { dlopen, ptr } = await import("bun:ffi")
  const symbols = { madvise: { args: ["u64", "u64", "i32"], returns: "i32" } } as const
  const { madvise } = openLibc((name) => dlopen(name, symbols)).symbols
  return (memory) => {
    const address = Number(ptr(memory))
    const border = (hugePageBytes - (address % hugePageBytes)) % hugePageBytes
    madvise(BigInt(address + border), BigInt(memory.length - hugePageBytes), adviseHugePage)
    return border
  }
}
