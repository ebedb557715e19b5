/** Content that the API answers with an error each time: the conversation cannot go on until it is changed. */
import type { JsonRecord, RefusedPart } from "session-rescue"
import { isMessage } from "../records/records.ts"
import { imageTrouble } from "./images.ts"

type Path = readonly (string | number)[]

/** The client's own words for a message without text (2.1.332, observed). */
const noContent = "(no content)"

export function refusedParts(value: JsonRecord): readonly RefusedPart[] {
  if (!isMessage(value)) return []
  const content = (value.message as { content?: unknown } | undefined)?.content
  const path = ["message", "content"]
  if (content === "") return [emptyPart(path, noContent)]
  if (!Array.isArray(content)) return []
  const isAnswer = value.type === "assistant"
  if (content.length === 0) {
    const filled = { ...emptyPart(path, [{ type: "text", text: noContent }]), handledSince: "2.0.60" }
    return [isAnswer ? filled : { ...filled, unhandled: ["2.1.0", restSince] }]
  }
  const handledSince = content.length > 1 && isAnswer ? restSince : mostSince
  return content
    .flatMap((part, index) => refusedIn(part, [...path, index]))
    .map((part) => (isOfMessage(part) ? { ...part, handledSince } : part))
}

/**
 * The client fills in the same words, or leaves an empty text out beside others: from 2.1.197 on, but for an answer with another
 * part, which it sends as it is up to 2.1.231. A message without any part is no trouble in 2.0.60; a prompt without any is one
 * in 2.1.197 and 2.1.231 (observed to 2.1.332).
 */
const mostSince = "2.1.197"
const restSince = "2.1.280"

/** Not of a result in it. */
function isOfMessage({ kind, edit }: RefusedPart): boolean {
  return kind === "empty-content" && edit.path.length === 4
}

/** It leaves an image out for which the API says that it "could not process image" (observed). */
const dropsSince = "2.1.197"

function refusedIn(part: unknown, path: Path): readonly RefusedPart[] {
  if (typeof part !== "object" || part === null) return []
  const { type, text, content } = part as { type?: unknown; text?: unknown; content?: unknown }
  if (type === "text" && text === "") return [emptyPart([...path, "text"], noContent)]
  if (type === "tool_result" && Array.isArray(content))
    return content.flatMap((each, index) => refusedIn(each, [...path, "content", index]))
  const trouble = type === "image" ? imageTrouble(part as JsonRecord) : null
  if (trouble === null) return []
  const { why, kind, isImage } = trouble
  const mark = { type: "text", text: `[image removed by session-rescue: ${why}]` }
  const edit =
    kind === null ? { path, value: mark } : { path: [...path, "source", "media_type"], value: kind }
  return [{ kind: "refused-image", why, edit, ...(isImage ? {} : { handledSince: dropsSince }) }]
}

function emptyPart(path: Path, value: unknown): RefusedPart {
  return { kind: "empty-content", why: "it has no text", edit: { path, value } }
}
