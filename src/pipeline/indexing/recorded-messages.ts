import { eachRecord, type ReadRecord } from "../../domain/conversation/message-part.ts"
import { textFilePart } from "../../domain/conversation/text-file.ts"
import type { RecordedMessage } from "../../domain/cusf/recorded-message.ts"
import type { Exported } from "../../domain/export/export.ts"
import type { Manifest } from "../../domain/export/manifest.ts"
import { type IndexSource, readLine, readTextChunks } from "../../index/index.ts"
import { builtInDetectPlugins } from "../plugin-registry.ts"
import { ShownRecords } from "./conversation.ts"
import { SummedSource } from "./record-sums.ts"
import { exportedSources, inReadingOrder } from "./sources.ts"

/** The messages of an export whose own files are there, in reading order. */
export function exportedMessages(exported: Exported, signal: AbortSignal): AsyncGenerator<RecordedMessage> {
  return recordedMessages(exportedSources(exported), exported.manifest, signal)
}

/** What the index reads of the files of an export, record by record, and the sum of each record's bytes. */
export async function* recordedMessages(
  sources: readonly IndexSource[],
  manifest: Manifest | null,
  signal: AbortSignal,
): AsyncGenerator<RecordedMessage> {
  const written = new ShownRecords()
  const transcript = manifest?.files.find(({ role }) => role === "transcript")?.relative ?? ""
  for (const source of inReadingOrder(sources)) {
    const { form = "records", document } = source
    const read = builtInDetectPlugins().find(({ agent }) => agent === source.agent)?.readRecord
    const holdsRecords = form === "records" || form === "list"
    if (form === "whole" || (read === undefined && holdsRecords)) continue
    const file = document === "" ? transcript : document
    const summed = new SummedSource(source)
    const messages =
      holdsRecords && read !== undefined
        ? messagesIn(summed.reading, read, written, signal)
        : textsIn(summed.reading, signal)
    for await (const message of messages)
      yield { ...message, file, sha256: await summed.sum(message.offset, message.length) }
  }
}

type Unsummed = Omit<RecordedMessage, "file" | "sha256">

async function* messagesIn(
  source: IndexSource,
  read: ReadRecord,
  written: ShownRecords,
  signal: AbortSignal,
): AsyncGenerator<Unsummed> {
  for await (const line of readLine(source)) {
    if (signal.aborted) return
    for (const found of line.found) {
      const { offset, length } = found
      for (const about of eachRecord(read(found.record, source.document))) {
        if (written.has(about)) continue
        const { time, model, subagent, session, parts, usage } = line.withFullTexts(found, about)
        if (parts.length === 0) continue
        yield { offset, length, time, model, subagent, session, parts, usage }
      }
    }
    for (const { offset, length, why } of line.skipped) yield { ...unread, offset, length, damaged: why }
  }
}

const unread = { time: null, model: null, subagent: null, session: null, parts: [], usage: null } as const

/** Tool output that the client saved in a file of its own. */
async function* textsIn(source: IndexSource, signal: AbortSignal): AsyncGenerator<Unsummed> {
  for await (const { text, offset, length } of readTextChunks(source)) {
    if (signal.aborted) return
    const part = textFilePart(source.document, text)
    const { textAt = null, session } = source
    yield { ...unread, offset, length, time: textAt, session, parts: [part] }
  }
}
