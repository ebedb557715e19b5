import { type CusfLine, type CusfSource, cusfLines, cusfName } from "../../domain/cusf/cusf.ts"
import type { RecordedMessage } from "../../domain/cusf/recorded-message.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { recordedMessages } from "../../pipeline/indexing/recorded-messages.ts"
import { savedSources } from "../../pipeline/indexing/sources.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { sha256Of } from "../../system/writing/checksum.ts"
import { writeWholeFile } from "../../system/writing/whole-file.ts"
import { addToDatabase } from "./sqlite.ts"

export const cusfFormats = ["jsonl", "json", "sqlite"] as const
export type CusfFormat = (typeof cusfFormats)[number]

/** One session in the common format. */
export interface WrittenSession {
  readonly session: string
  readonly export: string
  readonly path: string
  readonly format: CusfFormat
  /** `present`: it was written before; an export never changes, so that it is not written again. */
  readonly status: "written" | "present"
  /** null when it was not written now. */
  readonly messages: number | null
}

const maxManifestBytes = 64 * 1024 * 1024

/** Writes what an export holds. Throws when a file of it cannot be read to its end: then nothing is written. */
export async function writeSession(
  saved: SavedExport,
  { folder, format }: { readonly folder: string; readonly format: CusfFormat },
  ctx: RunContext,
): Promise<WrittenSession> {
  const { name, manifest } = saved
  const path = `${folder}/${format === "sqlite" ? "sessions.sqlite" : `${cusfName({ name, manifest })}.${format}`}`
  const about = { session: manifest.session.id, export: name, path, format }
  if (format !== "sqlite" && ctx.files.stat(path) !== null)
    return { ...about, status: "present", messages: null }
  const text = ctx.files.text(saved.manifestPath, maxManifestBytes)
  if (text === null) throw unreadable(saved)
  const source: CusfSource = { name, manifest, manifestSha256: sha256Of(text) }
  const counted = new CountedMessages(
    recordedMessages(savedSources(saved, storedReader(ctx.plugins)), manifest, ctx.signal),
  )
  const lines = cusfLines(source, counted)
  if (format === "sqlite") {
    const added = await addToDatabase(path, source, parsed(lines), ctx.signal)
    return { ...about, status: added ? "written" : "present", messages: added ? counted.count : null }
  }
  await writeWholeFile(path, untilAborted(format === "jsonl" ? lines : asOneDocument(lines), ctx.signal))
  return { ...about, status: "written", messages: counted.count }
}

class CountedMessages implements AsyncIterable<RecordedMessage> {
  count = 0
  readonly #messages: AsyncIterable<RecordedMessage>

  constructor(messages: AsyncIterable<RecordedMessage>) {
    this.#messages = messages
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordedMessage> {
    for await (const message of this.#messages) {
      this.count++
      yield message
    }
  }
}

/** `{"_meta":{…},"messages":[…]}`: the same lines as one document. */
async function* asOneDocument(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let before = ""
  for await (const line of lines) {
    yield before === "" ? `${line.trimEnd().slice(0, -1)},"messages":[` : before + line.trimEnd()
    before = before === "" ? "\n" : ",\n"
  }
  yield "\n]}\n"
}

async function* parsed(lines: AsyncIterable<string>): AsyncGenerator<CusfLine> {
  for await (const line of lines) yield JSON.parse(line)
}

/** The reader ends quietly when it is interrupted: half a session must not look like a whole one. */
async function* untilAborted(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  yield* lines
  signal.throwIfAborted()
}

function unreadable({ manifestPath }: SavedExport): RescueError {
  return new RescueError("CANNOT_READ", `${manifestPath} cannot be read`, "session-rescue verify")
}
