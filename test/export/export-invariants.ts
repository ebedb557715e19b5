/** The promise of design.md §6, checked as a stranger would: with what lies on the disk, not with our own code. */
import { createHash } from "node:crypto"
import { lstatSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Machine } from "../fixtures/machine.ts"

export function pendingOf(machine: Machine): string {
  return join(machine.data, "sessions-export-pending-anthropic")
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export function filesBelow(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    return lstatSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** The bases of committed exports, oldest first. */
export function committed(machine: Machine): string[] {
  return namesIn(pendingOf(machine)).flatMap((name) =>
    /^\d.*\.jsonl$/.test(name) ? [join(pendingOf(machine), name.slice(0, -6))] : [],
  )
}

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
export function manifestOf(base: string): any {
  return JSON.parse(readFileSync(`${base}.manifest.json`, "utf8"))
}

/** What is wrong with the exports on disk; empty when each is whole and its files are what they were copied from. */
export function brokenGuarantees(machine: Machine): string[] {
  return committed(machine).flatMap((base) => {
    const manifest = manifestOf(base)
    const listed = manifest.files.map((file: { path: string }) => join(dirname(base), file.path))
    const there = [`${base}.jsonl`, ...filesBelow(`${base}.files`)]
    const wrong = there.filter((path) => !listed.includes(path) && readFileSync(path).length > 0)
    return [...wrong.map((path) => `not in the manifest: ${path}`), ...manifest.files.flatMap(check(base))]
  })
}

const check = (base: string) => (file: { path: string; source: string; length: number; sha256: string }) => {
  const copy = readFileSync(join(dirname(base), file.path))
  const source = readFileSync(file.source)
  const wrong: string[] = []
  if (copy.length !== file.length) wrong.push(`${file.path}: ${copy.length} bytes, not ${file.length}`)
  if (sha256(copy) !== file.sha256) wrong.push(`${file.path}: another checksum`)
  if (!copy.equals(source.subarray(0, file.length))) wrong.push(`${file.path}: not what the source holds`)
  return wrong
}

/** Names in the folder that belong to no committed export. */
export function leftovers(machine: Machine): string[] {
  const bases = committed(machine).map((base) => base.slice(pendingOf(machine).length + 1))
  const belongs = (name: string) =>
    bases.some(
      (base) =>
        [".jsonl", ".manifest.json", ".files", ".queue"].includes(name.slice(base.length)) &&
        name.startsWith(base),
    )
  return namesIn(pendingOf(machine)).filter((name) => !belongs(name))
}

/** Everything ours in the data folder that somebody else could read. */
export function notPrivate(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    const stat = lstatSync(path)
    const wanted = stat.isDirectory() ? 0o700 : 0o600
    const wrong = (stat.mode & 0o777) === wanted ? [] : [`${path} ${(stat.mode & 0o777).toString(8)}`]
    return stat.isDirectory() ? [...wrong, ...notPrivate(path)] : wrong
  })
}
