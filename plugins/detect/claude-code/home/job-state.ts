import { type Context, parseUuid, type SessionId } from "session-rescue"
import { readJson, textIn } from "./json.ts"

/** `jobs/NAME/state.json`: what the background service records about one session. */
export interface JobState {
  readonly name: string
  /** The session's initial id, and the one in which it continued (/clear). */
  readonly ids: readonly SessionId[]
  readonly state: string | null
  /** When it was written, milliseconds since 1970. */
  readonly at: number | null
}

/** The file holds the job's task and result, which may be long. */
const maxStateBytes = 8 << 20

/** null when the file is missing, damaged or larger than 8 MB. */
export function readJobState(ctx: Context, home: string, name: string): JobState | null {
  const state = readJson(ctx, `${home}/jobs/${name}/state.json`, maxStateBytes)
  if (state === null) return null
  const ids = [state.sessionId, state.resumeSessionId].flatMap((value) => parseUuid(textIn(value)) ?? [])
  const at = Date.parse(textIn(state.updatedAt) ?? "")
  return { name, ids, state: textIn(state.state), at: Number.isNaN(at) ? null : at }
}
