import type { SessionId } from "../../domain/session/session-id.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

/** What is known of a session besides its conversation. */
export interface HandedSession {
  readonly id: SessionId
  readonly agent: string
  readonly title: string | null
  /** Where it ran; null when unknown. */
  readonly cwd: string | null
  readonly branch: string | null
  /** Its state now, with what refines it; null where only an export is left. */
  readonly state: string | null
  readonly isRunning: boolean
  readonly lastActivity: number | null
}

/** From its home where it is there, else from its newest export. */
export async function handedSession(
  { id, agent }: { readonly id: SessionId; readonly agent: string },
  ctx: RunContext,
): Promise<HandedSession> {
  const all = (await detectAll(ctx, null)).filter((each) => each.id === id)
  const found = all.find((each) => each.process !== null) ?? all[0]
  if (found !== undefined) {
    const { title, cwd, gitBranch, state, detail, process, lastActivity } = await tryClassify(found, ctx)
    const isRunning = process !== null
    return { id, agent, title, cwd, branch: gitBranch, state: `${state}, ${detail}`, isRunning, lastActivity }
  }
  const [saved] = ctx.savedExports(id)
  const { title = null, cwd = null, lastRecordAt = null } = saved?.manifest.session ?? {}
  const lastActivity = lastRecordAt === null ? null : Date.parse(lastRecordAt)
  return { id, agent, title, cwd, branch: null, state: null, isRunning: false, lastActivity }
}
