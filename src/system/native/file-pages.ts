import { readFileSync } from "node:fs"
import { openLibc } from "./libc.ts"

const dontNeed = 4

type Drop = (address: bigint, bytes: bigint) => void

let loaded: Promise<Drop | null> | undefined

/**
 * Gives back the memory of the program's own pages that can be read from its file again: what a start and a look have touched
 * would stay with a process that rests. Linux only; elsewhere, and where it fails, the kernel takes them when it needs to.
 */
export async function releaseFilePages(): Promise<void> {
  loaded ??= process.platform === "linux" ? load().catch(() => null) : Promise.resolve(null)
  const drop = await loaded
  if (drop === null) return
  for (const [from, to] of unchangedMappings()) drop(from, to - from)
}

async function load(): Promise<Drop> {
  const { dlopen } = await import("bun:ffi")
  const symbols = { madvise: { args: ["u64", "u64", "i32"], returns: "i32" } } as const
  const { madvise } = openLibc((name) => dlopen(name, symbols)).symbols
  return (address, bytes) => void madvise(address, bytes, dontNeed)
}

/** Mappings of this program's file that nobody can write to, and of which no page differs from the file. */
function unchangedMappings(): readonly (readonly [bigint, bigint])[] {
  const mappings = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  return mappings.flatMap((mapping) => {
    const range = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(\/.*)$/m.exec(mapping)
    const isSame = /^Anonymous: +0 kB$/m.test(mapping) && /^Private_Dirty: +0 kB$/m.test(mapping)
    const [, from = "", to = "", path = ""] = range ?? []
    if (!isSame || path.replace(/ \(deleted\)$/, "") !== process.execPath) return []
    return [[BigInt(`0x${from}`), BigInt(`0x${to}`)] as const]
  })
}
