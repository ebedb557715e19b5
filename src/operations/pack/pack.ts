/** Sessions in one file, to another machine. */
import type { SavedExport } from "../../domain/export/export.ts"
import { checkPack } from "../../rescue/pack/unpack.ts"
import { type PackOptions, writePack } from "../../rescue/pack/write-pack.ts"

/** Writes a pack, and reads it again as the other machine will. */
export async function packExports(path: string, exports: readonly SavedExport[], options: PackOptions) {
  const bytes = await writePack(path, exports, options)
  const names = await checkPack(path, options.progress)
  const sessions = exports.map(({ name, manifest }) => {
    const { id, title } = manifest.session
    return { id, title, export: name }
  })
  return { path, bytes, files: names.length, sessions }
}
