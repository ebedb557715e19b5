import { existsSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import type { ExportEntry, Manifest } from "../harness/contract.ts"

export interface Verified {
  manifest: Manifest
  /** Per file of the export, why it is not the first bytes of its source with that digest; empty when all are. */
  faults: string[]
}

/** Compares an export with its manifest and its sources, byte for byte. */
export function checkExport(entry: ExportEntry): Verified {
  if (!entry.manifest || !entry.path) throw new Error(`nothing was exported: ${JSON.stringify(entry)}`)
  const folder = dirname(entry.manifest)
  const manifest = JSON.parse(readFileSync(entry.manifest, "utf8")) as Manifest
  const faults = manifest.files.flatMap((file) => {
    const copy = readFileSync(resolve(folder, file.path))
    const source = sourceOf(file)?.subarray(0, file.length)
    const digest = new Bun.CryptoHasher("sha256").update(copy).digest("hex")
    return [
      copy.length === file.length ? "" : `${file.path} has ${copy.length} bytes, not ${file.length}`,
      source === undefined || copy.equals(source)
        ? ""
        : `${file.path} is not the beginning of ${file.source}`,
      digest === file.sha256 ? "" : `${file.path} has the digest ${digest}, not ${file.sha256}`,
    ].filter(Boolean)
  })
  return { manifest, faults }
}

/** undefined for the output of a command: the client takes it away once that has ended. */
function sourceOf({ source }: Manifest["files"][number]): Buffer | undefined {
  const mayBeGone = /\/claude-\d+\/.*\/tasks\/[^/]+\.output$/.test(source)
  return mayBeGone && !existsSync(source) ? undefined : readFileSync(source)
}
