import * as v from "valibot"
import { parseUuid, type SessionId } from "../session/session-id.ts"

/** The client's input to a hook (2.1.197: PreCompact with `trigger`, SessionEnd with `reason`). */
export interface HookInput {
  readonly id: SessionId | null
  readonly transcript: string | null
  /** Trigger or reason: `manual`, `auto`, `prompt_input_exit` …; empty when missing. */
  readonly reason: string
}

const hookInputSchema = v.object({
  session_id: v.optional(v.string()),
  transcript_path: v.optional(v.string()),
  trigger: v.optional(v.string()),
  reason: v.optional(v.string()),
})

/** null for other input, and when no session is given. */
export function parseHookInput(text: string): HookInput | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const found = v.safeParse(hookInputSchema, value)
  if (!found.success) return null
  const { session_id, transcript_path, trigger, reason } = found.output
  const id = parseUuid(session_id)
  const transcript = transcript_path?.startsWith("/") ? transcript_path : null
  return id === null && transcript === null ? null : { id, transcript, reason: trigger ?? reason ?? "" }
}
