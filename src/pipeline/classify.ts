import { hasCrashed } from "../domain/listing/need.ts"
import { commonFlags } from "../domain/session/flags.ts"
import type { FoundSession, Session } from "../domain/session/session.ts"
import type { Verdict } from "../domain/session/state.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { archivedCopy } from "./copies/saved-mark.ts"
import { shrinkEvidence } from "./copies/shrink-alarm.ts"
import { examine } from "./detect.ts"
import type { RunContext } from "./run-context.ts"

/** Reads a session and asks the classify plugins in order; the first answer decides. */
export async function classify(found: FoundSession, ctx: RunContext): Promise<ClassifiedSession> {
  const session = await examine(found, ctx)
  const verdict = await firstVerdict(session, ctx)
  const shrunk = shrinkEvidence(session, ctx)
  const flags = new Set([...session.flags, ...verdict.flags, ...commonFlags(session, ctx.now)])
  if (shrunk !== null) flags.add("shrunk")
  const evidence = shrunk === null ? verdict.evidence : [...verdict.evidence, shrunk]
  return { ...session, ...verdict, evidence, flags: [...flags] }
}

/**
 * A session that cannot be examined is still listed, with what its file name shows, so that it does not hide
 * the others.
 */
export async function tryClassify(found: FoundSession, ctx: RunContext): Promise<ClassifiedSession> {
  try {
    return await classify(found, ctx)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    ctx.warn(`${found.id ?? `pid ${found.process?.pid}`} could not be examined: ${message}`)
    const state = found.current !== null ? "CURRENT" : found.process !== null ? "ACTIVE" : "ORPHANED"
    return { ...unexamined(found), state, detail: "unreadable", evidence: [{ signal: "failure", message }] }
  }
}

function unexamined(found: FoundSession): Session {
  return {
    ...found,
    footprint: [],
    sizeBytes: found.transcriptSize,
    lastActivity: found.modifiedAt,
    turn: { phase: "unknown", openCalls: [], lastRecordAt: null, message: "not read" },
    conversation: "unreadable",
    exitedCleanly: null,
    title: null,
    cwd: null,
    gitBranch: null,
    version: null,
    startedAt: null,
    contextTokens: null,
  }
}

async function firstVerdict(session: Session, ctx: RunContext): Promise<Verdict> {
  let users: Verdict | null = null
  for (const { plugin, source } of await ctx.plugins.classifiers()) {
    if (users !== null && source === "user") continue
    const verdict = withArchive(await plugin.classify(session, ctx), session, source, ctx)
    if (verdict === null) continue
    if (source === "built-in") return users === null ? verdict : mergeVerdicts(users, verdict)
    users = verdict
  }
  throw new Error("no classify plugin decided: the built-in ones always do")
}

/**
 * A closed session whose current bytes are all in the archive is COMPLETED. One that crashed stays crashed, however
 * well it is saved: the conversation was cut off, and its user has yet to see that.
 */
function withArchive(
  verdict: Verdict | null,
  session: Session,
  source: "built-in" | "user",
  ctx: RunContext,
): Verdict | null {
  if (verdict?.state !== "ORPHANED" || source === "user" || session.process !== null) return verdict
  if (verdict.detail === "written from elsewhere" || hasCrashed({ ...session, ...verdict })) return verdict
  const archived = archivedCopy(session, ctx)
  if (archived === null) return verdict
  const message = `every file has the size and time it had when ${archived.path} was made`
  const evidence = [...verdict.evidence, { signal: "archive", message }]
  return { ...verdict, state: "COMPLETED", detail: "archived", evidence }
}

/** A user plugin decides the state; the built-in evidence is reported as well. */
function mergeVerdicts(users: Verdict, ours: Verdict): Verdict {
  const message = `without it: ${ours.state} · ${ours.detail}`
  const evidence = [...users.evidence, { signal: "session-rescue", message }, ...ours.evidence]
  return { ...users, evidence, flags: [...new Set([...users.flags, ...ours.flags])] }
}
