/** A session whose transcript is gone or a stub, put together from whatever survives. */
import { showPath } from "../../domain/disk-path.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { parseRecord } from "../../domain/transcript/entries.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "../search/search.ts"
import { deletedFiles, exportsOf, otherSessions, ownTranscripts } from "./record-files.ts"
import type { RecordRemnant, Remnants, TextRemnant, Where } from "./remnant-types.ts"

/** Everything that is known of a session, best first. The files are open; close each. */
export async function findRemnants(
  where: Where,
  { paths, ctx }: { readonly paths: Paths; readonly ctx: RunContext },
): Promise<Remnants> {
  const others = [...(await exportsOf(where.id, paths, ctx)), ...(await deletedFiles(where.id, paths, ctx))]
  const own = await ownTranscripts(where, ctx)
  const longest = Math.max(0, ...others.map(({ file }) => file.length))
  // one that is no stub is the best of all
  const [whole, stubs] = [
    own.filter((each) => !isStub(each, longest)),
    own.filter((each) => isStub(each, longest)),
  ]
  const records = [...whole, ...others, ...stubs, ...(await otherSessions(where, ctx))]
  return { records, texts: [...indexed(where.id, paths), ...typed(where, ctx)], inPlace: inPlace(where, ctx) }
}

function isStub({ file }: RecordRemnant, longest: number): boolean {
  return file.length < longest
}

function indexed(id: SessionId, paths: Paths): TextRemnant[] {
  try {
    const index = openIndex(paths)
    try {
      return [...index.conversation(id)].flatMap(({ role, kind, text, time, subagent }): TextRemnant[] => {
        const isSaid = subagent === null && kind === "text" && (role === "user" || role === "assistant")
        return isSaid && text.trim() !== "" ? [{ kind: "index", role, text, time }] : []
      })
    } finally {
      index.close()
    }
  } catch {
    return [] // there is no index
  }
}

const maxHistoryBytes = 256 * (1 << 20)

/** The prompts that were typed, which the client keeps for all sessions in one file. */
function typed({ id, home }: Where, { files }: RunContext): TextRemnant[] {
  const text = files.quiet.text(`${home}/history.jsonl`, maxHistoryBytes) ?? ""
  return text.split("\n").flatMap((line): TextRemnant[] => {
    const entry = line.includes(id) ? parseRecord(new TextEncoder().encode(line)) : null
    if (entry?.sessionId !== id || typeof entry.display !== "string" || entry.display.trim() === "") return []
    const time = typeof entry.timestamp === "number" ? entry.timestamp : null
    return [{ kind: "history.jsonl", role: "user", text: entry.display, time }]
  })
}

function inPlace({ id, home, projects }: Where, { files }: RunContext): string[] {
  const folders = [...projects.map((project) => `${project}/${id}`), `file-history/${id}`, `tasks/${id}`]
  const walk = (relative: string): string[] => {
    const kind = files.quiet.stat(`${home}/${relative}`)?.kind
    if (kind === "file") return [relative]
    if (kind !== "folder") return []
    return files.quiet.names(`${home}/${relative}`).flatMap((name) => walk(`${relative}/${showPath(name)}`))
  }
  return folders.flatMap(walk)
}
