import type { ShownItem } from "../../pipeline/indexing/conversation.ts"
import type { IndexedPart } from "./search.ts"

/** A part of the index as what a file would show. */
export function itemOf({ time, model, subagent, session, source, ...part }: IndexedPart): ShownItem {
  const { kind, role, text, tool, isError, command } = part
  const { document, offset, length } = source
  const call = kind === "tool_use" ? part.part : part.answers
  const about = {
    ...(tool === null ? {} : { tool }),
    ...(command === null ? {} : { command }),
    ...(call === null ? {} : { call: `${call}` }),
  }
  const said = { kind, role, text, isError, ...about }
  return { is: "part", part: said, time, model, subagent, session, document, offset, length }
}
