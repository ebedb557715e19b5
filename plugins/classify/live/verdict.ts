import type { Evidence, Flag } from "session-rescue"

/** What a live client is at, and whether it hangs. */
export interface Liveness {
  readonly hung: boolean
  readonly detail: string
  readonly evidence: readonly Evidence[]
  readonly flags: readonly Flag[]
}
