import { showPath } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { Evidence } from "../../domain/session/state.ts"
import type { Context } from "../../sdk/context.ts"

interface SavedTranscript {
  readonly saved: SavedExport
  readonly file: ManifestFile
}

/** Clients only append to these files: an export that is not their beginning holds something that they have lost. */
export function shrinkEvidence(session: FoundSession, ctx: Context): Evidence | null {
  if (session.id === null || session.transcript === null || session.rows !== undefined) return null
  const path = showPath(session.transcript)
  const copies = ctx.savedExports(session.id).flatMap((saved) => {
    const file = saved.manifest.files.find(({ role, source }) => role === "transcript" && source === path)
    // one that is written whole tells nothing
    return file === undefined || file.store !== undefined ? [] : [{ saved, file }]
  })
  const [longest] = copies.toSorted((a, b) => b.file.length - a.file.length)
  if (longest === undefined) return null
  const why = whyShrunk(session, longest, ctx)
  if (why === null || isRepaired(path, session.transcriptSize, session.id, ctx)) return null
  return { signal: "exports", message: why }
}

function whyShrunk(session: FoundSession, { saved, file }: SavedTranscript, ctx: Context): string | null {
  const { transcriptSize: size, transcript } = session
  if (transcript === null) return null
  const held = `${saved.path} holds ${file.length} bytes of it, saved ${saved.manifest.exportedAt}`
  if (file.length > size) return `the transcript has ${size} bytes now: ${held}`
  const isUntouched = file.length === size && Date.parse(file.modifiedAt) === session.modifiedAt
  const isRaw = saved.archive === null
  if (isUntouched || !isRaw || beginsAs(showPath(transcript), saved.path, file.length, ctx)) return null
  return `the transcript was rewritten, and no longer begins as it did: ${held}`
}

const sampleBytes = 4096

/** Compares the first and the last bytes of that length; a rewritten transcript differs in both. */
function beginsAs(path: string, copy: string, length: number, { files }: Context): boolean {
  return [0, Math.max(0, length - sampleBytes)].every((at) => {
    const count = Math.min(sampleBytes, length - at)
    const [here, there] = [files.quiet.read(path, at, count), files.quiet.read(copy, at, count)]
    // what cannot be read proves nothing
    return here === null || there === null || there.length < count || Buffer.compare(here, there) === 0
  })
}

/** Whether it is what a repair or a recovery made, put back, and what was written since then. */
function isRepaired(path: string, size: number, id: string, ctx: Context): boolean {
  return ["repaired", "recovered"].some((name) => {
    const folder = `${ctx.paths.data}/${name}`
    return ctx.files.quiet.names(folder).some((each) => {
      if (typeof each !== "string" || !each.includes(id) || !each.endsWith(".jsonl")) return false
      const made = ctx.files.quiet.stat(`${folder}/${each}`)
      return made?.kind === "file" && made.size <= size && beginsAs(path, `${folder}/${each}`, made.size, ctx)
    })
  })
}
