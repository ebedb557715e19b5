/** Sessions in one file, to another machine. */
import type { SavedExport } from "../../domain/export/export.ts"
import { checkPack } from "../../rescue/pack/unpack.ts"
import { type PackOptions, writePack } from "../../rescue/pack/write-pack.ts"
import { type SharedReport, type ShareOptions, withShared } from "./share.ts"

export interface PackReport {
  readonly path: string
  readonly bytes: number
  /** Files in it, each compared with its sum after it was written. */
  readonly files: number
  readonly sessions: readonly {
    readonly id: string
    readonly title: string | null
    readonly export: string
  }[]
  /** What was blacked out and left out; null: it holds everything. */
  readonly shared: SharedReport | null
}

/** Writes a pack, and reads it again as the other machine will. */
export async function packExports(
  path: string,
  exports: readonly SavedExport[],
  options: PackOptions,
): Promise<PackReport> {
  const bytes = await writePack(path, exports, options)
  const names = await checkPack(path, options.progress)
  const sessions = exports.map(({ name, manifest }) => {
    const { id, title } = manifest.session
    return { id, title, export: name }
  })
  return { path, bytes, files: names.length, sessions, shared: null }
}

/** The same with redacted copies of the exports. */
export function packShared(
  path: string,
  exports: readonly SavedExport[],
  options: PackOptions & Pick<ShareOptions, "homes" | "folder">,
): Promise<PackReport> {
  return withShared(exports, options, async (copies, shared) => {
    return { ...(await packExports(path, copies, options)), shared }
  })
}
