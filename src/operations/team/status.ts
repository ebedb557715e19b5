import type { Paths } from "../../system/config/paths.ts"
import type { TeamSettings } from "../../system/config/team.ts"
import { type Candidate, type Candidates, findCandidates } from "./candidates.ts"
import { type Agreement, auditPath, forgottenSessions, hasAgreed, markedNames } from "./marks.ts"
import { keyOf, placeOf, type ReadySettings, requireTeam, sinkPlaceOf } from "./remote.ts"

export interface TeamStatus extends Agreement {
  /** The user has said yes to this place and these projects. */
  readonly agreed: boolean
  /** What this machine has pushed, as it noted; the store was not asked. */
  readonly pushed: readonly Candidate[]
  readonly waiting: readonly Candidate[]
  /** Of sessions that were forgotten there, as this machine noted: never pushed again. */
  readonly forgotten: readonly Candidate[]
  readonly kept: Candidates["kept"]
  readonly audit: string
}

/** Answers from this machine alone: it never waits for a network. */
export function teamStatus(team: TeamSettings | null, paths: Paths): TeamStatus {
  const settings = requireTeam(team)
  const { chosen, kept } = findCandidates(paths, settings)
  const marked = markedNames(paths, keyOf(settings))
  const agreement = agreementOf(settings)
  const removed = forgottenSessions(paths, { owner: settings.owner, place: agreement.place })
  const kinds = Map.groupBy(chosen, ({ name, session }) =>
    removed.has(session) ? "forgotten" : marked.has(name) ? "pushed" : "waiting",
  )
  return {
    ...agreement,
    agreed: hasAgreed(paths, agreement),
    pushed: kinds.get("pushed") ?? [],
    waiting: kinds.get("waiting") ?? [],
    forgotten: kinds.get("forgotten") ?? [],
    kept,
    audit: auditPath(paths),
  }
}

export function agreementOf(settings: ReadySettings): Agreement {
  const { owner, projects, recipients } = settings
  const index = sinkPlaceOf(settings)
  return {
    ...{ place: placeOf(settings), owner, projects, encrypted: recipients.length > 0 },
    ...(index === null ? {} : { index }),
  }
}
