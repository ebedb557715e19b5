/** Files of a lost session beside its transcript: those that its home still has, and those that only exports have. */
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { safePathParts } from "../../domain/export/recorded-path.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { openTranscript, type TranscriptFile } from "../../rescue/repair/file-source.ts"
import { spoolStored } from "../../rescue/repair/spool.ts"
import type { Paths } from "../../system/config/paths.ts"

export type SideKind = "subagents" | "tool results" | "file history" | "tasks" | "other files"

export interface SideFile {
  readonly kind: SideKind
  /** Relative to the client's home. */
  readonly relative: string
  /** Where it is read. */
  readonly path: string
  /** Opened only while it is read. */
  open(): TranscriptFile
}

export interface Sides {
  readonly files: readonly SideFile[]
  /** Files that an export names and that could not be read. */
  readonly unread: number
  close(): void
}

/** Files of an archive are decoded into unnamed files, which stay open. */
const maxDecoded = 200

export async function findSides(
  {
    id,
    home,
    inPlace,
  }: { readonly id: SessionId; readonly home: string; readonly inPlace: readonly string[] },
  { paths, ctx }: { readonly paths: Paths; readonly ctx: RunContext },
): Promise<Sides> {
  const files = new Map<string, SideFile>()
  for (const relative of inPlace) {
    const path = `${home}/${relative}`
    files.set(relative, { kind: kindOf(relative), relative, path, open: () => openTranscript(path) })
  }
  const decoded: TranscriptFile[] = []
  let unread = 0
  for (const saved of readEverySaved(paths).of(id)) {
    if (saved.manifest.derivation !== undefined) continue
    for (const file of saved.manifest.files) {
      if (file.role === "transcript" || files.has(file.relative) || safePathParts(file.relative) === null)
        continue
      try {
        const open = await opener(saved, file, { paths, ctx, decoded })
        files.set(file.relative, {
          kind: kindOf(file.relative),
          relative: file.relative,
          path: saved.path,
          open,
        })
      } catch (error) {
        unread++
        ctx.warn(
          `${file.relative} of ${saved.path} was not read: ${error instanceof Error ? error.message : error}`,
        )
      }
    }
  }
  const close = () => {
    for (const file of decoded) file.close()
  }
  return { files: [...files.values()], unread, close }
}

interface Opening {
  readonly paths: Paths
  readonly ctx: RunContext
  readonly decoded: TranscriptFile[]
}

async function opener(saved: SavedExport, file: ManifestFile, { paths, ctx, decoded }: Opening) {
  if (decoded.length >= maxDecoded) throw new Error(`more than ${maxDecoded} files of archives`)
  const spooled = await spoolStored(saved, file, storedReader(ctx.plugins, "evicted"), paths.data)
  decoded.push(spooled)
  return () => ({ ...spooled, close: () => undefined }) // closed with the others
}

function kindOf(relative: string): SideKind {
  if (relative.startsWith("file-history/")) return "file history"
  if (relative.startsWith("tasks/")) return "tasks"
  if (relative.includes("/subagents/")) return "subagents"
  return relative.includes("/tool-results/") ? "tool results" : "other files"
}

const pieceBytes = 1 << 20

export function* bytesOf(side: SideFile): Generator<Uint8Array> {
  const file = side.open()
  try {
    for (let at = 0; at < file.length; at += pieceBytes)
      yield file.read(at, Math.min(pieceBytes, file.length - at))
  } finally {
    file.close()
  }
}
