import { lstatSync, readdirSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { SavePlan } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import type { FileStore } from "../../domain/session/session.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { directUnit } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { copyName } from "../copy/copy-name.ts"
import { chunkBytes } from "../io/chunk-sizes.ts"
import { closeSource, openSource } from "../io/source-file.ts"
import { areRowsInDatabase } from "../rows/contained-rows.ts"
import { firstBytes } from "./compare-existing.ts"
import { holdsRecords, readDocument } from "./documents.ts"

/**
 * Whether every file an interrupted export left is a prefix of that file in the session on disk, or, where its client
 * writes the file whole, has no record that the file lacks. The parts of a copy
 * may reach the disk in any order, so an interrupted copy can have holes, which read as zeros.
 */
export async function isContained(
  plan: SavePlan,
  transcript: string,
  trees: readonly string[],
  progress: Progress,
): Promise<boolean> {
  try {
    const committed = (lstatSync(transcript, { throwIfNoEntry: false })?.nlink ?? 0) > 1
    if (!committed && !(await isTranscriptContained(plan, transcript, progress))) return false
    const sources = sourcesByName(plan)
    for (const tree of trees) {
      for (const name of filesBelow(tree)) {
        if (!(await isHeld(`${tree}/${name}`, sources.get(name) ?? null, progress))) return false
      }
    }
    return true
  } catch (error) {
    if ((error as { code?: string }).code === "INTERRUPTED") throw error
    return false // a file that cannot be compared is kept
  }
}

function isTranscriptContained(plan: SavePlan, transcript: string, progress: Progress): Promise<boolean> {
  if (plan.rows === undefined) {
    const main = plan.transcript === null ? null : { source: plan.transcript, store: plan.transcriptStore }
    return isHeld(transcript, main, progress)
  }
  return areRowsInDatabase(readWhole(transcript), plan.rows)
}

async function* readWhole(path: string): AsyncGenerator<Uint8Array> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  const source = openSource(path)
  try {
    yield* firstBytes(source.fd, source.length)
  } finally {
    closeSource(source)
  }
}

interface Held {
  readonly source: DiskPath
  readonly store?: FileStore | undefined
}

async function isHeld(left: string, held: Held | null, progress: Progress): Promise<boolean> {
  if (await isPrefix(left, held?.source ?? null, progress)) return true
  // safety: sweep-records
  return held?.store === "rewritten" && holdsRecords(readDocument(held.source), readDocument(left))
}

function sourcesByName(plan: SavePlan): ReadonlyMap<string, Held> {
  const sources = new Map<string, Held>()
  const taken = new Set<string>()
  for (const file of plan.files) {
    const name = copyName(file.relative, taken)
    taken.add(name)
    sources.set(name, file)
  }
  return sources
}

async function isPrefix(left: string, source: DiskPath | null, progress: Progress): Promise<boolean> {
  const size = lstatSync(left, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return true
  if (source === null) return false
  const a = openSource(left)
  try {
    const b = openSource(source)
    try {
      return b.length >= size && (await samePrefix(a.fd, b.fd, size, progress))
    } finally {
      closeSource(b)
    }
  } finally {
    closeSource(a)
  }
}

async function samePrefix(left: number, source: number, size: number, progress: Progress): Promise<boolean> {
  const advance = checkpoints({ signal: progress.signal, advance() {} })
  const [one, other] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)]
  for (let offset = 0; offset < size; offset += chunkBytes) {
    const a = one.subarray(0, Math.min(chunkBytes, size - offset))
    const b = other.subarray(0, a.length)
    if (readFully(left, a, offset) < a.length || readFully(source, b, offset) < a.length) return false
    if (!a.equals(b) && !differsOnlyInHoles(a, b)) return false
    await advance(a.length)
  }
  return true
}

const hole = Buffer.alloc(directUnit)

/** Disks store whole units of this size, and a hole is at least one unit. */
function differsOnlyInHoles(left: Buffer, source: Buffer): boolean {
  for (let at = 0; at < left.length; at += directUnit) {
    const unit = left.subarray(at, at + directUnit)
    // safety: sweep-only-holes
    if (!unit.equals(source.subarray(at, at + directUnit)) && !unit.equals(hole.subarray(0, unit.length)))
      return false
  }
  return true
}

function filesBelow(tree: string, prefix = ""): string[] {
  if (lstatSync(tree, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(tree, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(`${tree}/${entry.name}`, `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  )
}
