import type { Evidence, Flag } from "session-rescue"

/** The activity of a live client, and whether it hangs. */
export interface Liveness {
  readonly hung: boolean
  readonly detail: string
  readonly evidence: readonly Evidence[]
  readonly flags: readonly Flag[]
}
