import { lstatSync, readdirSync } from "node:fs"
import type { DiskPath } from "../session/disk-path.ts"
import type { SavePlan } from "../session/export.ts"
import { sameBytes } from "./compare.ts"
import { copyName } from "./copy-name.ts"
import type { Pace } from "./pace.ts"
import { closeSource, openSource } from "./source.ts"

/** Whether the session on disk begins, file by file, with what an interrupted export has left. */
export async function isContained(
  plan: SavePlan,
  transcript: string,
  trees: readonly string[],
  pace: Pace,
): Promise<boolean> {
  try {
    const committed = (lstatSync(transcript, { throwIfNoEntry: false })?.nlink ?? 0) > 1
    if (!committed && !(await isPrefix(transcript, plan.transcript, pace))) return false
    const sources = sourcesByName(plan)
    for (const tree of trees) {
      for (const name of filesBelow(tree)) {
        if (!(await isPrefix(`${tree}/${name}`, sources.get(name) ?? null, pace))) return false
      }
    }
    return true
  } catch (error) {
    if ((error as { code?: string }).code === "INTERRUPTED") throw error
    return false // what cannot be compared is kept
  }
}

function sourcesByName(plan: SavePlan): ReadonlyMap<string, DiskPath> {
  const sources = new Map<string, DiskPath>()
  const taken = new Set<string>()
  for (const file of plan.files) {
    const name = copyName(file.relative, taken)
    taken.add(name)
    sources.set(name, file.source)
  }
  return sources
}

async function isPrefix(left: string, source: DiskPath | null, pace: Pace): Promise<boolean> {
  const size = lstatSync(left, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return true
  if (source === null) return false
  const a = openSource(left)
  try {
    const b = openSource(source)
    try {
      const side = (fd: number) => ({ fd, trouble: (error: unknown) => error as Error })
      if (b.length < size) return false
      return await sameBytes(side(a.fd), side(b.fd), size, { signal: pace.signal, progress() {} })
    } finally {
      closeSource(b)
    }
  } finally {
    closeSource(a)
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
