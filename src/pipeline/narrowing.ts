/** Narrowing: which of the found sessions a person asked for with `--project`, `--since`, `--state` and the like. */

import { isAgent } from "../domain/agent-name.ts"
import { day } from "../domain/duration.ts"
import { greatest } from "../domain/extremes.ts"
import type { Need } from "../domain/listing/need.ts"
import { isInProject, type ProjectFilter } from "../domain/project-filter.ts"
import { activityTime, type FoundSession } from "../domain/session/session.ts"
import type { State } from "../domain/session/state.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { builtInDetectPlugins } from "./plugin-registry.ts"
import type { RunContext } from "./run-context.ts"
import { newestFirst, scanAll } from "./scan.ts"

export interface Narrowing {
  readonly project: ProjectFilter | null
  /** Last active at this time or later: milliseconds since 1970. */
  readonly since: number | null
  /** In one of these states, or in need of one of these. */
  readonly states: readonly StateWord[] | null
  /** As typed: `claude`, `claude-code`. */
  readonly agent: string | null
  /** true: an export holds all of it; false: not. */
  readonly saved: boolean | null
  /** At most this number of sessions, the newest. */
  readonly limit: number | null
  /** The flags as they were typed, without `--limit`; empty when none was. */
  readonly typed: string
}

/** `closed` is everything that does not run and has not crashed, also what is about to be deleted. */
export type StateWord = State | Exclude<Need, "hung" | "unsaved">

export interface NarrowingFacts {
  /** Whether an export holds the whole session as it is now. Asked last: it looks at files. */
  isSaved(session: ClassifiedSession): boolean
  needOf(session: ClassifiedSession): Need
}

export interface Narrowed<T> {
  /** Newest first. */
  readonly sessions: readonly T[]
  /** Sessions that do not match. */
  readonly excluded: number
  /** Sessions that match, but are older than the newest `limit`. */
  readonly leftOff: number
}

/** The sessions that match, newest first. */
export function narrowSessions<T extends ClassifiedSession>(
  sessions: readonly T[],
  narrowing: Narrowing,
  facts: NarrowingFacts,
): Narrowed<T> {
  const matching = newestFirst(sessions.filter((each) => matches(each, narrowing, facts)))
  const shown = matching.slice(0, narrowing.limit ?? matching.length)
  return {
    sessions: shown,
    excluded: sessions.length - matching.length,
    leftOff: matching.length - shown.length,
  }
}

function matches(session: ClassifiedSession, narrowing: Narrowing, facts: NarrowingFacts): boolean {
  const { project, since, states, agent, saved } = narrowing
  if (agent !== null && !isAgent(agent, session.agent)) return false
  if (project !== null && !isInProject(session.cwd, project)) return false
  if (since !== null && activityTime(session) < since) return false
  if (states !== null && !isInState(session, states, facts)) return false
  return saved === null || facts.isSaved(session) === saved
}

function isInState(
  session: ClassifiedSession,
  states: readonly StateWord[],
  { needOf }: NarrowingFacts,
): boolean {
  if (states.includes(session.state)) return true
  if (!states.some(isNeed)) return false
  const need = needOf(session)
  return need !== "hung" && states.includes(need === "unsaved" ? "closed" : need)
}

/** Not a state, but what a session needs: words in lower case. */
export function isNeed(word: StateWord): word is Exclude<StateWord, State> {
  return word === word.toLowerCase()
}

/** Clocks differ: a record may be dated later than its file. */
const clockSlackMs = day

/**
 * Drops the sessions that cannot match, before any is read. `newestWrite`: time of the newest write to the files of a
 * conversation; null when unknown.
 */
export function mayMatch(
  found: FoundSession,
  { agent, since }: Pick<Narrowing, "agent" | "since">,
  newestWrite: (found: FoundSession) => number | null,
): boolean {
  if (agent !== null && !isAgent(agent, found.agent)) return false
  if (since === null || found.process !== null || found.modifiedAt === null) return true
  if (found.modifiedAt >= since - clockSlackMs) return true
  const written = newestWrite(found)
  return written === null || written >= since - clockSlackMs
}

/**
 * Reads the sessions that may match and narrows them, newest first. Without a narrowing only the newest `limit` are
 * read.
 */
export async function scanNarrowed(
  found: readonly FoundSession[],
  narrowing: Narrowing,
  ctx: RunContext,
  facts: NarrowingFacts,
): Promise<Narrowed<ClassifiedSession>> {
  const likely = found.filter((each) => mayMatch(each, narrowing, (one) => newestWriteOf(one, ctx)))
  const first = choosesAmongAll(narrowing)
    ? likely
    : newestFirst(likely).slice(0, narrowing.limit ?? likely.length)
  const narrowed = narrowSessions((await scanAll(first, ctx)).sessions, narrowing, facts)
  const leftOff = narrowed.leftOff + likely.length - first.length
  return { ...narrowed, leftOff, excluded: found.length - narrowed.sessions.length - leftOff }
}

/** The newest write to the conversation's files, subagents included; null when its agent does not name them. */
function newestWriteOf(found: FoundSession, ctx: RunContext): number | null {
  const plugin = builtInDetectPlugins().find(({ agent }) => agent === found.agent)
  if (plugin?.transcriptFiles === undefined) return null
  const files = plugin.transcriptFiles(found, ctx)
  const times = files.map(({ path }) => ctx.files.quiet.stat(path)?.modifiedAt ?? 0)
  return Math.max(found.modifiedAt ?? 0, greatest(times) ?? 0)
}

/** Whether it chooses among all sessions; `--agent` and `--limit` alone only narrow what is shown anyway. */
export function choosesAmongAll({ project, since, states, saved }: Narrowing): boolean {
  return [project, since, states, saved].some((each) => each !== null)
}
