/** Exports as they lie on disk, with one text wherever text from outside can stand. */

import { RescueError } from "../../../src/domain/errors.ts"
import type { SavedExport } from "../../../src/domain/export/export.ts"
import type { Manifest } from "../../../src/domain/export/manifest.ts"
import { parseSessionId } from "../../../src/domain/session/session-id.ts"
import type { CatalogEntry } from "../../../src/operations/exports/select.ts"
import { now } from "../../fixtures/session.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

export const home = "/home/me"
export const data = `${home}/.local/share/session-rescue`
export const idOf = (number: number) => parseSessionId(sessionId(number)) as NonNullable<CatalogEntry["id"]>
export const nameOf = (number: number) => `2026-01-31T09-00-00Z-${idOf(number)}-LOSSLESS-session`
export const failure = (text: string): RescueError =>
  new RescueError("DISK_FULL", `no space left for ${text}`, `make room ${text}`)

export function savedExport(
  text: string,
  number: number,
  place: "pending" | "archived" = "pending",
): SavedExport {
  const [name, sha256] = [nameOf(number), "ab".repeat(32)]
  const folder = `${data}/${place}/${text}`
  const archive = {
    ...({ format: "session-rescue-archive", formatVersion: 1, tool: { name: text, version: text } } as const),
    ...{ archiver: text, archivedAt: new Date(now - 3_600_000).toISOString(), manifestSha256: sha256 },
    stored: [{ path: `${name}.${text}`, length: 4_000_000, sha256 }],
  }
  const raw = place === "pending"
  return {
    ...{ place, name, path: `${folder}/${name}.jsonl${raw ? "" : ".zst"}` },
    ...{ manifestPath: `${folder}/${name}.manifest.json`, manifest: manifest(text, number) },
    archive: raw ? null : archive,
  }
}

function manifest(text: string, number: number): Manifest {
  const [source, relative] = [`${home}/.claude/projects/${text}.jsonl`, `projects/${text}.jsonl`]
  const proof = { length: 58_720_256, sha256: "ab".repeat(32), modifiedAt: text, device: "1", inode: "2" }
  return {
    ...({
      format: "session-rescue-manifest",
      formatVersion: 2,
      tool: { name: text, version: text },
    } as const),
    exportedAt: new Date(now - 3 * 3_600_000).toISOString(),
    session: {
      ...{ id: idOf(number), agent: text, home: `${home}/.claude`, transcript: source, state: "HUNG" },
      ...{ cwd: `${home}/${text}`, title: text, detail: text, flags: [text], lastRecordAt: text },
    },
    files: [
      { role: "transcript", source, relative, path: `${nameOf(number)}.jsonl`, ...proof },
      { role: "footprint", source: text, relative: text, path: `${nameOf(number)}.files/${text}`, ...proof },
    ],
    links: [{ source: text, relative: text, target: text }],
    skipped: [{ source: text, relative: text, why: text }],
  }
}

export function exportEntry(text: string, number: number, place: "pending" | "archived" = "pending") {
  const saved = savedExport(text, number, place)
  return { kind: "export", place, name: saved.name, id: idOf(number), path: saved.path, saved } as const
}

/** One of each kind that can lie in the data folder. */
export function catalog(text: string): readonly CatalogEntry[] {
  const odd = (number: number, path: string) =>
    ({ place: "pending", name: nameOf(number), id: idOf(number), path: `${data}/pending/${path}` }) as const
  return [
    exportEntry(text, 1),
    exportEntry(text, 2, "archived"),
    {
      ...odd(3, `${text}.jsonl`),
      id: null,
      name: text,
      kind: "foreign",
      why: "not made by session-rescue: it has no manifest to verify it with",
    },
    {
      ...odd(4, `${text}.jsonl`),
      kind: "broken",
      lacking: "manifest",
      why: `its manifest cannot be read: ${text}`,
    },
  ]
}
