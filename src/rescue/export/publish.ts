import { lstatSync } from "node:fs"
import { exportName } from "../../domain/export/export.ts"
import type { Derivation } from "../../domain/export/manifest.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { flushFolder, moveFolder, publishFile, publishFolder, removeFile } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import type { Staging } from "./staging.ts"

export interface Published {
  readonly name: string
  /** false: the folder could not be flushed, so the name may be lost in a power cut. */
  readonly confirmed: boolean
}

/** A finished staging that is to get its name. */
export interface Publication {
  readonly staging: Staging
  readonly id: SessionId
  readonly at: Date
  /** What its name says that it is; undefined: a copy. */
  readonly kind?: Derivation["kind"]
  readonly hasFiles: boolean
  /** The name in its manifest, if that is already written and flushed. */
  readonly prepared?: string
  /** Writes and flushes the manifest for a name. */
  prepare(name: string): Promise<void>
}

interface Folders {
  readonly pending: string
  readonly archive: string
}

/**
 * Publishes finished stagings without replacing anything: first the other files, then the manifests, and the `.jsonl`s
 * last, because its name commits an export. The folder is flushed before the first `.jsonl` and after the last. If a
 * name is taken, the name for the next second is tried. An error concerns one export only.
 */
export async function publishAll<Each extends Publication>(
  folders: Folders,
  publications: readonly Each[],
): Promise<ReadonlyMap<Each, Published | Error>> {
  const outcomes = new Map<Each, Published | Error>()
  let round = publications.map((publication) => ({ publication, time: publication.at.getTime() }))
  while (round.length > 0) {
    const named: Named<Each>[] = []
    for (const each of round) {
      const ready = await takeName(folders, each.publication, each.time)
      if (ready instanceof Error) outcomes.set(each.publication, ready)
      else named.push(ready)
    }
    const taken = await publishNamed(folders.pending, named, outcomes)
    round = taken.map(({ publication, time }) => ({ publication, time: time + 1000 }))
  }
  return outcomes
}

/** Publishes one. */
export async function publish(folders: Folders, publication: Publication): Promise<Published> {
  const outcome = (await publishAll(folders, [publication])).get(publication)
  if (outcome === undefined || outcome instanceof Error) throw outcome
  return outcome
}

/** The first name that is free, at a time or in a second after it. */
function findFreeName({ pending, archive }: Folders, { id, kind }: Publication, from: number) {
  for (let time = from; ; time += 1000) {
    const name = exportName(id, new Date(time), kind)
    // safety: look-before-name
    if (isTaken(`${pending}/${name}`) || isTaken(`${archive}/${name}`)) continue
    return { name, time }
  }
}

/** Checked first, so that our manifest is never, even briefly, beside another program's `.jsonl`. */
function isTaken(target: string): boolean {
  return [".jsonl", ".manifest.json", ".files"].some(
    (ending) => lstatSync(`${target}${ending}`, { throwIfNoEntry: false }) !== undefined,
  )
}

/** An export on its way to its name, with what takes back the steps that were made. */
interface Named<Each> {
  readonly publication: Each
  readonly time: number
  readonly target: string
  readonly name: string
  readonly undo: (() => void)[]
}

async function takeName<Each extends Publication>(
  folders: Folders,
  publication: Each,
  from: number,
): Promise<Named<Each> | Error> {
  let target = `${folders.pending}/${exportName(publication.id, new Date(from), publication.kind)}`
  try {
    const { name, time } = findFreeName(folders, publication, from)
    target = `${folders.pending}/${name}`
    if (name !== publication.prepared) await publication.prepare(name)
    return { publication, time, target, name, undo: [] }
  } catch (error) {
    return toWriteError(error, `${target}.jsonl`)
  }
}

/** Returns the exports whose names were taken in the meantime. */
async function publishNamed<Each extends Publication>(
  pending: string,
  named: readonly Named<Each>[],
  outcomes: Map<Each, Published | Error>,
): Promise<readonly Named<Each>[]> {
  const taken: Named<Each>[] = []
  const committed: Named<Each>[] = []
  const attempt = async (each: Named<Each>, act: () => Promise<"published" | "taken">) => {
    let done = false
    try {
      done = (await act()) === "published"
      if (!done) taken.push(each)
    } catch (error) {
      outcomes.set(each.publication, toWriteError(error, `${each.target}.jsonl`))
    } finally {
      if (!done) undoAll(each.undo, each.publication.staging) // safety: take-back
    }
    return done
  }
  const others: Named<Each>[] = []
  for (const each of named) if (await attempt(each, () => publishOthers(each))) others.push(each)
  if (others.length === 0) return taken
  const early = flushFolder(pending) // safety: flush-before-commit
  // safety: commit-last
  for (const each of others) if (await attempt(each, () => commit(each))) committed.push(each)
  const confirmed = committed.length > 0 && flushFolder(pending) && early // safety: commit-fsync
  for (const { publication, name } of committed) outcomes.set(publication, { name, confirmed })
  return taken
}

async function publishOthers({
  publication,
  target,
  undo,
}: Named<Publication>): Promise<"published" | "taken"> {
  const { staging, hasFiles } = publication
  if (hasFiles) {
    if (publishFolder(staging.files, `${target}.files`) === "taken") return "taken"
    undo.push(() => moveFolder(`${target}.files`, staging.files))
  }
  if ((await publishFile(staging.manifest, `${target}.manifest.json`)) === "taken") return "taken"
  undo.push(() => removeFile(`${target}.manifest.json`))
  return "published"
}

function commit({ publication, target }: Named<Publication>): Promise<"published" | "taken"> {
  return publishFile(publication.staging.transcript, `${target}.jsonl`)
}

/** Must not mask the original error; what cannot be undone is swept by a later run. */
function undoAll(undo: readonly (() => void)[], staging: Staging): void {
  for (const step of undo.toReversed()) {
    try {
      step()
    } catch {
      staging.halfPublished = true // safety: half-published
    }
  }
}
