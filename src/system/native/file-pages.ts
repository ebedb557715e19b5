import { readFileSync } from "node:fs"
import { openLibc } from "./libc.ts"

const dontNeed = 4

type Mapping = readonly [address: bigint, bytes: bigint]

/** Gives the pages of these mappings back; they stay where they are as long as the process runs. */
type Release = () => void

let loaded: Promise<Release | null> | undefined

/**
 * Gives back the memory of the program's own pages that can be read from its file again: what a start and a look have touched
 * would stay with a process that rests. Linux only; elsewhere, and where it fails, the kernel takes them when it needs to.
 */
export async function releaseFilePages(): Promise<void> {
  loaded ??= process.platform === "linux" ? load().catch(() => null) : Promise.resolve(null)
  const release = await loaded
  release?.()
}

async function load(): Promise<Release> {
  const { dlopen } = await import("bun:ffi")
  const symbols = { madvise: { args: ["u64", "u64", "i32"], returns: "i32" } } as const
  const { madvise } = openLibc((name) => dlopen(name, symbols)).symbols
  const mappings = unchangedMappings()
  return () => {
    for (const [address, bytes] of mappings) madvise(address, bytes, dontNeed)
  }
}

/** Mappings of this program's file that nobody can write to, and of which no page differs from the file. */
function unchangedMappings(): readonly Mapping[] {
  const mappings = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  return mappings.flatMap((mapping) => {
    const range = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(\/.*)$/m.exec(mapping)
    const isSame = /^Anonymous: +0 kB$/m.test(mapping) && /^Private_Dirty: +0 kB$/m.test(mapping)
    const [, from = "", to = "", path = ""] = range ?? []
    if (!isSame || path.replace(/ \(deleted\)$/, "") !== process.execPath) return []
    const start = BigInt(`0x${from}`)
    return [[start, BigInt(`0x${to}`) - start] as const]
  })
}
