import { lstatSync, readdirSync } from "node:fs"
import { dirname } from "node:path"
import type { DiskPath } from "../session/disk-path.ts"
import type { SavePlan } from "../session/export.ts"
import { discard, flushFolder } from "../system/durable.ts"
import { sameBytes } from "./compare.ts"
import { copyName } from "./copy-name.ts"
import { isGone } from "./owner.ts"
import type { Pace } from "./pace.ts"
import { readManifestNames } from "./saved.ts"
import { closeSource, openSource } from "./source.ts"
import { parseStagingName, stagingPaths } from "./staging.ts"

/**
 * Removes what dead runs left of exports of this session: their staging folders, and files they had published
 * without getting to the `.jsonl`. Only what the session on disk still holds byte for byte is removed: anything
 * else may be the last copy there is, and stays, named.
 */
export async function sweepLeftovers(
  pending: string,
  plan: SavePlan,
  pace: Pace,
  warn: (message: string) => void,
): Promise<void> {
  for (const name of readdirSync(pending)) {
    const parsed = parseStagingName(name)
    if (parsed === null || parsed.id !== plan.id || !(await isGone(parsed.owner))) continue
    const staging = stagingPaths(`${pending}/${name}`)
    const half = halfPublished(pending, staging.manifest)
    const trees = [staging.files, ...(half === null ? [] : [`${half}.files`])]
    if (!(await isContained(staging.transcript, trees, plan, pace))) {
      warn(`an interrupted export left bytes that the session no longer has: kept in ${staging.folder}`)
      continue
    }
    if (half !== null) {
      discard(`${half}.manifest.json`)
      discard(`${half}.files`)
    }
    discard(staging.folder)
    flushFolder(pending)
  }
}

/** The name a dead run was publishing under, when its manifest stands there without its `.jsonl`. */
function halfPublished(pending: string, stagedManifest: string): string | null {
  const name = readManifestNames(stagedManifest)
  if (name === null) return null
  const base = `${pending}/${name}`
  const exists = (path: string) => lstatSync(path, { throwIfNoEntry: false })
  const staged = exists(stagedManifest)
  const committed = exists(`${base}.jsonl`) !== undefined || linksOf(dirname(stagedManifest)) > 1
  const manifest = exists(`${base}.manifest.json`)
  if (committed || (manifest !== undefined && manifest.ino !== staged?.ino)) return null
  return base
}

/** A transcript with a second name was committed, even if somebody has moved that name elsewhere since. */
function linksOf(stagingFolder: string): number {
  return lstatSync(stagingPaths(stagingFolder).transcript, { throwIfNoEntry: false })?.nlink ?? 0
}

async function isContained(
  transcript: string,
  trees: readonly string[],
  plan: SavePlan,
  pace: Pace,
): Promise<boolean> {
  if (!(await isPrefix(transcript, plan.transcript, pace))) return false
  const taken = new Set<string>()
  const sources = new Map<string, DiskPath>()
  for (const file of plan.files) {
    const name = copyName(file.relative, taken)
    taken.add(name)
    sources.set(name, file.source)
  }
  for (const tree of trees) {
    for (const name of filesBelow(tree)) {
      if (!(await isPrefix(`${tree}/${name}`, sources.get(name) ?? null, pace))) return false
    }
  }
  return true
}

async function isPrefix(left: string, source: DiskPath | null, pace: Pace): Promise<boolean> {
  const size = lstatSync(left, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return true
  if (source === null) return false
  try {
    const a = openSource(left)
    try {
      const b = openSource(source)
      try {
        const plain = (fd: number) => ({ fd, trouble: (error: unknown) => error as Error })
        return (
          b.length >= size && (await sameBytes(plain(a.fd), plain(b.fd), size, { ...pace, progress() {} }))
        )
      } finally {
        closeSource(b)
      }
    } finally {
      closeSource(a)
    }
  } catch (error) {
    if ((error as { code?: string }).code === "INTERRUPTED") throw error
    return false
  }
}

function filesBelow(tree: string, prefix = ""): string[] {
  if (lstatSync(tree, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(tree, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(`${tree}/${entry.name}`, `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  )
}
