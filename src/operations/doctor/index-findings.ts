import { shortId } from "../../domain/session/session-id.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "../search/search.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

const maxNamed = 5

/** What the index has met and could make little of. Without an index nothing is said: it is made when it is asked. */
export function inspectIndex(paths: Paths): readonly Finding[] {
  try {
    const index = openIndex(paths)
    try {
      return [
        ...inspectPromptOnlySessions(index.promptOnlySessions()),
        ...inspectUnknownRecords(index.unknownRecords()),
      ]
    } finally {
      index.close()
    }
  } catch {
    return []
  }
}

function inspectPromptOnlySessions(sessions: readonly string[]): Finding[] {
  const [first] = sessions
  if (first === undefined) return []
  const says = `of ${countNoun(sessions.length, "session")} only the prompts remain, in history.jsonl or sessions-index.json (such as ${shortId(first)})`
  return [ok("index", `${says}: cxq finds them`)]
}

function inspectUnknownRecords(
  types: readonly { readonly type: string; readonly records: number }[],
): Finding[] {
  if (types.length === 0) return []
  const named = types
    .slice(0, maxNamed)
    .map(({ type, records }) => `"${type}" (${countNoun(records, "record")})`)
  const more = types.length > maxNamed ? `, and ${types.length - maxNamed} more` : ""
  const says = `records of types unknown to this version contain text: ${named.join(", ")}${more}`
  return [
    advice(
      "index",
      says,
      "search it with session-rescue cxq WORDS --all-parts; a newer version may support it",
    ),
  ]
}
