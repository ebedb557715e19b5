import type { SessionId } from "session-rescue"

/**
 * Whether a path relative to a home may belong to a session: its rows, named after their database, or a file of the tree of
 * versions before 1.2. A part's file carries its message's id alone: which ones are a session's is recorded when it is saved.
 */
export function isOfSession(relative: string, id: SessionId): boolean {
  if (/^opencode(-[A-Za-z0-9._-]+)?\.db#/.test(relative))
    return relative.endsWith(`#${id}`) && !relative.includes("/")
  const [top, kind = "", folder = "", ...rest] = relative.split("/")
  if (top !== "storage") return false
  const name = rest.at(-1) ?? folder
  if (!name.endsWith(".json")) return false
  if (kind === "todo" || kind === "session_diff") return rest.length === 0
  if (kind === "session") return rest.length === 1 && name.startsWith("ses_")
  if (kind === "message") return rest.length === 1 && folder.startsWith("ses_")
  return kind === "part" && rest.length === 1 && folder.startsWith("msg_")
}
