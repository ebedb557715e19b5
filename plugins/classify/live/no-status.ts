import type { Evidence, Session } from "session-rescue"

/** Without a status, a working client cannot be distinguished from a waiting one. */
export function noStatus({ turn, reported }: Session): Evidence {
  const [call] = turn.openCalls
  const unknown = (reported?.unknown ?? []).length > 0
  const none = unknown ? "this client's status is not known" : "this client gives no status"
  const message =
    call === undefined
      ? `${none}: only what is written, and when, is known`
      : `${none}: ${call.tool} is called and no process of it runs, so it most likely waits for a permission`
  return { signal: "limits", message }
}
