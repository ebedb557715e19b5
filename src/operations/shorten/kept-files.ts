import type { KeptFile } from "../../domain/transcript/rules.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { writeFilesBelow } from "../../rescue/derive/write-files.ts"
import type { Subject } from "../repair/subject.ts"

export interface FileThen extends KeptFile {
  /** The copy on this disk; null when it is gone, or when the file did not exist at that point. */
  readonly stored: string | null
}

/** Where the copies of these files are now. */
export function locateKept(
  { session, id }: Subject,
  files: readonly KeptFile[],
  ctx: RunContext,
): readonly FileThen[] {
  return files.map(({ path, copy }) => {
    const stored = copy === null ? null : `${session.home}/file-history/${id}/${copy}`
    const isThere = stored !== null && !copy?.includes("/") && ctx.files.stat(stored)?.kind === "file"
    return { path, copy, stored: isThere ? stored : null }
  })
}

/** Writes them below a folder, each under the path it had. */
export function writeKept(files: readonly FileThen[], folder: string): Promise<readonly string[]> {
  return writeFilesBelow(
    folder,
    files.flatMap(({ path, stored }) =>
      stored === null ? [] : [{ from: stored, relative: path.replace(/^\/+/, "") }],
    ),
  )
}
