import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { Manifest, ManifestFile } from "../../domain/export/manifest.ts"
import { recordedKey } from "../../domain/export/recorded-path.ts"
import type { Progress } from "../../domain/progress.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { readOrDamaged, reasonOutsideExport } from "../catalog/export-files.ts"
import { forgetFile } from "../io/digest.ts"
import { closeSource, openSource } from "../io/source-file.ts"
import { reasonRowsNotHeld } from "../rows/contained-rows.ts"
import { findUnlisted } from "./check-export.ts"
import { collectDocument, holdsRecords, readDocument } from "./documents.ts"

/** Why one export cannot hold everything another does, judging by the manifests alone; null when it may. */
export function reasonCannotContain(keeper: Manifest, other: Manifest): string | null {
  if (keeper.session.id !== other.session.id || keeper.session.home !== other.session.home)
    return "it is from another home"
  const files = new Map(keeper.files.map((file) => [recordedKey(file), file]))
  for (const file of other.files) {
    const held = files.get(recordedKey(file))
    if (held === undefined || held.role !== file.role) return `it lacks ${file.relative}`
    if ((held.rows === undefined) !== (file.rows === undefined))
      return `its ${file.relative} is of another kind`
    if (file.rows !== undefined) continue // compared row by row
    if (file.store === "rewritten") continue // its records tell, not its length
    if (held.length < file.length) return `its ${file.relative} is shorter`
    if (held.length === file.length && held.sha256 !== file.sha256) return `its ${file.relative} is different`
  }
  const links = new Map(keeper.links.map((link) => [recordedKey(link), link]))
  for (const link of other.links) {
    const held = links.get(recordedKey(link))
    if (held?.target !== link.target || held.targetBase64 !== link.targetBase64)
      return `it lacks the link ${link.relative}`
  }
  return null
}

/**
 * Why another export does not hold an unarchived one byte for byte, or record by record where its client writes a file
 * whole; null when it does. Both are read now, the unarchived one from the disk; that the keeper is undamaged is verified
 * elsewhere.
 */
export async function reasonNotContained(
  other: SavedExport,
  keeper: SavedExport,
  read: ReadStored,
  progress: Progress,
): Promise<string | null> {
  const why = reasonCannotContain(keeper.manifest, other.manifest)
  if (why !== null) return why
  const [unlisted] = findUnlisted(other)
  if (unlisted !== undefined) return `${unlisted.path} is not in its manifest` // safety: prune-unlisted
  if (other.manifest.files.every((file) => file.role !== "transcript") && lstatSync(other.path).size > 0)
    return "its .jsonl should be empty"
  const files = new Map(keeper.manifest.files.map((file) => [recordedKey(file), file]))
  for (const file of other.manifest.files) {
    const held = files.get(recordedKey(file))
    const bytes = held === undefined ? null : readOrDamaged(read, keeper, held)
    if (bytes !== null && held?.rows !== undefined && file.rows !== undefined) {
      const lacks = await reasonRowsLacking(other, file, bytes, read)
      if (lacks !== null) return lacks
    } else if (file.store === "rewritten") {
      // safety: prune-records
      if (bytes === null || !(await holdsDocument(other, file, bytes, progress)))
        return `its ${file.relative} lacks records of the other's`
    } else if (bytes === null || !(await isPrefixOf(other, file, bytes, progress)))
      return `its ${file.relative} does not begin like the other's`
  }
  return null
}

/** Rows are written again and come between others: each of them has to be in the other, unchanged. */
async function reasonRowsLacking(
  other: SavedExport,
  file: ManifestFile,
  keeper: AsyncIterable<Uint8Array>,
  read: ReadStored,
): Promise<string | null> {
  if (reasonOutsideExport(other, file) !== null) return `${file.path} is not in its folder`
  await forgetFile(`${dirname(other.path)}/${file.path}`)
  return reasonRowsNotHeld(readOrDamaged(read, other, file), keeper, "same")
}

/** The same for a file that its client writes whole. */
async function holdsDocument(
  other: SavedExport,
  file: ManifestFile,
  stream: AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<boolean> {
  const path = `${dirname(other.path)}/${file.path}`
  if (reasonOutsideExport(other, file) !== null) return false
  await forgetFile(path)
  const older = readDocument(path)
  return older?.length === file.length && holdsRecords(await collectDocument(stream, progress), older)
}

/** Whether a stream begins with a file of an export; that file must have the length its manifest gives. */
async function isPrefixOf(
  other: SavedExport,
  file: ManifestFile,
  stream: AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<boolean> {
  const path = `${dirname(other.path)}/${file.path}`
  if (reasonOutsideExport(other, file) !== null) return false
  await forgetFile(path)
  const source = openSource(path)
  const advance = checkpoints(progress)
  try {
    if (source.length !== file.length) return false // safety: prune-length
    let offset = 0
    for await (const bytes of stream) {
      if (offset === source.length) break
      const wanted = bytes.subarray(0, source.length - offset)
      const buffer = Buffer.allocUnsafe(wanted.length)
      // safety: prune-bytes
      if (readFully(source.fd, buffer, offset) !== wanted.length || !buffer.equals(wanted)) return false
      offset += wanted.length
      await advance(wanted.length)
    }
    return offset === source.length
  } finally {
    closeSource(source)
  }
}
