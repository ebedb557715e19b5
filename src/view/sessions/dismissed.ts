import { shortId } from "../../domain/session/session-id.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { count } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

interface DismissedView {
  readonly changed: readonly ListedSession[]
  /** Named sessions that have no alarm to dismiss, or none that was dismissed. */
  readonly unchanged: number
  readonly undo: boolean
}

export function showDismissed({ changed, unchanged, undo }: DismissedView, out: Output): void {
  for (const { session } of changed) {
    const title = session.title === null ? "" : ` · ${sanitize(session.title)}`
    out.print(`${undo ? "alarm again" : "dismissed"} ${shortId(session.id) ?? "no id"}${title}`)
  }
  if (unchanged > 0)
    out.print(`${count(unchanged, "session")} without ${undo ? "a dismissed alarm" : "an alarm"}`)
  if (changed.length === 0 && unchanged === 0) out.print("No session has an alarm to dismiss.")
  const [first] = changed
  if (first === undefined || undo) out.print("Next: session-rescue --status")
  else out.print(`Next: session-rescue --status   (undo: dismiss ${shortId(first.session.id)} --undo)`)
}

export function dismissDocument(
  changed: readonly ListedSession[],
  undo: boolean,
  warnings: readonly string[],
) {
  const dismissed = changed.map(({ session }) => ({
    id: session.id,
    home: session.home,
    title: session.title,
  }))
  return { schemaVersion, undo, dismissed, warnings }
}
