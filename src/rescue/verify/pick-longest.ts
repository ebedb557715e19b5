import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { recordedKey } from "../../domain/export/recorded-path.ts"
import type { Progress } from "../../domain/progress.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { readOrDamaged } from "../catalog/export-files.ts"
import { reasonRowsNotHeld } from "../rows/contained-rows.ts"
import { collectDocument, holdsRecords } from "./documents.ts"

/**
 * The exports of one session that no other export continues, longest first. If there is only one, it holds all
 * records of the others. Only records (`.jsonl`) are compared, because clients append to them, and transcripts that clients
 * write whole, by the records in them; other files that clients rewrite (task lists) vary between exports, and so do
 * copies made beside a transcript. Of equal exports, the newest is used.
 */
export async function pickLongest(
  all: readonly SavedExport[],
  read: ReadStored,
  progress: Progress,
): Promise<readonly SavedExport[]> {
  const heads: SavedExport[] = []
  const sums = prefixDigests(all, read, progress)
  for (const saved of all.toSorted((a, b) => recordBytes(b) - recordBytes(a) || (a.name < b.name ? 1 : -1))) {
    let held = false
    for (const head of heads) held ||= await continuesFrom(head, saved, { sums, read, progress })
    if (!held) heads.push(saved)
  }
  return heads
}

/** The same for a transcript that its client writes whole. */
async function holdsLater(
  later: SavedExport,
  earlier: SavedExport,
  {
    other,
    file,
    read,
    progress,
  }: Omit<Comparing, "sums"> & { readonly other: ManifestFile; readonly file: ManifestFile },
): Promise<boolean> {
  const newer = await collectDocument(readOrDamaged(read, later, other), progress)
  return holdsRecords(newer, await collectDocument(readOrDamaged(read, earlier, file), progress))
}

type PrefixDigests = (saved: SavedExport, file: ManifestFile) => Promise<ReadonlyMap<number, string>>

interface Comparing {
  readonly sums: PrefixDigests
  readonly read: ReadStored
  readonly progress: Progress
}

/** Whether `later` has every record of `earlier` at the same offset. */
async function continuesFrom(
  later: SavedExport,
  earlier: SavedExport,
  { sums, read, progress }: Comparing,
): Promise<boolean> {
  const files = new Map(later.manifest.files.map((file) => [recordedKey(file), file]))
  for (const file of recordsOf(earlier)) {
    const other = files.get(recordedKey(file))
    if (other === undefined) return false
    if (other.rows !== undefined && file.rows !== undefined) {
      if (other.sha256 === file.sha256) continue
      const [before, after] = [readOrDamaged(read, earlier, file), readOrDamaged(read, later, other)]
      if ((await reasonRowsNotHeld(before, after, "newer")) !== null) return false
      continue
    }
    if (file.store === "rewritten") {
      if (other.sha256 === file.sha256) continue
      if (!(await holdsLater(later, earlier, { other, file, read, progress }))) return false // safety: longest-records
      continue
    }
    if (other.length < file.length) return false
    const sha256 = other.length === file.length ? other.sha256 : (await sums(later, other)).get(file.length)
    if (sha256 !== file.sha256) return false
  }
  return true
}

/** Checksums of a file's prefixes, one for each length another export has; each file is read at most once. */
function prefixDigests(all: readonly SavedExport[], read: ReadStored, progress: Progress): PrefixDigests {
  const known = new Map<ManifestFile, Promise<ReadonlyMap<number, string>>>()
  const lengths = new Map<string, Set<number>>()
  for (const file of all.flatMap(recordsOf)) {
    const key = recordedKey(file)
    lengths.set(key, (lengths.get(key) ?? new Set<number>()).add(file.length))
  }
  return (saved, file) => {
    const wanted = [...(lengths.get(recordedKey(file)) ?? [])].filter((each) => each < file.length)
    const sums = known.get(file) ?? digestPrefixes(saved, readOrDamaged(read, saved, file), wanted, progress)
    known.set(file, sums)
    return sums
  }
}

async function digestPrefixes(
  saved: SavedExport,
  stream: AsyncIterable<Uint8Array>,
  lengths: readonly number[],
  progress: Progress,
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  const cuts = lengths.toSorted((a, b) => a - b)
  const hasher = new Bun.CryptoHasher("sha256")
  const advance = checkpoints(progress)
  let offset = 0
  try {
    for await (const bytes of stream) {
      let done = 0
      for (let cut = cuts[0]; cut !== undefined && cut <= offset + bytes.length; cut = cuts[0]) {
        hasher.update(bytes.subarray(done, cut - offset))
        done = cut - offset
        found.set(cut, hasher.copy().digest("hex"))
        cuts.shift()
      }
      if (cuts.length === 0) break
      hasher.update(bytes.subarray(done))
      offset += bytes.length
      await advance(bytes.length)
    }
  } catch (error) {
    if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
    const message = `the longest export of this session cannot be read: ${error.message}`
    throw new RescueError(
      "DAMAGED",
      message,
      `see which is whole: session-rescue verify ${saved.manifest.session.id}`,
    )
  }
  return found
}

function recordsOf({ manifest }: SavedExport): readonly ManifestFile[] {
  return manifest.files.filter(
    ({ role, path, tie }) => role === "transcript" || (path.endsWith(".jsonl") && tie === undefined),
  )
}

function recordBytes(saved: SavedExport): number {
  return recordsOf(saved).reduce((sum, file) => sum + file.length, 0)
}
