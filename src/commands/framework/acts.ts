/** What several commands and the list do with sessions: save them, end them. */
import { RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { killAll } from "../../operations/kill/kill.ts"
import { type GroupOptions, type GroupQuestion, killGroup } from "../../operations/kill/kill-group.ts"
import type { KillOptions, KillQuestion } from "../../operations/kill/save-then-terminate.ts"
import type { LiveTarget } from "../../operations/kill/select-live.ts"
import { type ExportReport, exportAll } from "../../pipeline/export-sessions.ts"
import { processAfterActs } from "../../pipeline/queue/after-export.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { allowImmediateExit, forbidImmediateExit } from "../../system/runtime/signals.ts"
import { askToKillGroup } from "../../view/kill/group-question.ts"
import { askToKill, killCountdown } from "../../view/kill/kill.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import type { Prompts, Reply } from "../../view/terminal/prompts.ts"
import type { Environment } from "./environment.ts"
import { systemPrompts } from "./prompts.ts"

/** Saves them, shows how far it is, and runs what follows an export. */
export async function saveSessions(
  sessions: readonly ClassifiedSession[],
  { ctx, out, paths }: Environment,
  { md5 = false, unchanged = "read" }: { md5?: boolean; unchanged?: "read" | "recorded" } = {},
): Promise<ExportReport> {
  const bytes = sessions.reduce((sum, session) => sum + session.sizeBytes, 0)
  const work = { verb: "saving", items: sessions.length, bytes }
  const reporter = showProgress(out, work)
  const report = await exportAll(sessions, ctx, { paths, md5, unchanged, version, reporter })
  if (!report.interrupted) await processAfterActs(paths, version, ctx)
  return report
}

/** The questions on the terminal, and whether one of them was left with Ctrl-C. */
export function askOnTerminal(
  found: readonly LiveTarget[],
  facts: { readonly home: string; readonly graceMs: number; readonly tree: boolean },
  { out, ctx }: Environment,
) {
  const taken = new Map(found.map(({ process, takenFor }) => [process.pid, takenFor]))
  let left = false
  const answered = async (asked: (prompts: Prompts) => Promise<Reply<boolean>>) => {
    const reply = await asked(systemPrompts(out, ctx.signal))
    left ||= reply === "leave"
    return typeof reply === "object" && reply.answer
  }
  const one = (question: KillQuestion) =>
    answered((prompts) => {
      const takenFor = taken.get(question.session.process.pid)
      return askToKill(question, { ...facts, takenFor, now: Date.now() }, prompts)
    })
  const all = (question: GroupQuestion) => {
    const [only] = question.ready
    if (only !== undefined && question.ready.length + question.refused.length === 1) return one(only)
    return answered((prompts) => askToKillGroup(question, { ...facts, now: Date.now() }, prompts))
  }
  return { one, all, hasLeft: () => left }
}

type EndOptions = Pick<
  KillOptions,
  "caller" | "graceMs" | "tree" | "dryRun" | "acceptIncomplete" | "confirm" | "reasonNotChosen"
> &
  Partial<Pick<GroupOptions, "confirmAll">>

/**
 * Ends them, shows how far it is, and runs what follows an export. With `confirmAll` one question is asked for all of
 * them.
 */
export async function endSessions(
  found: readonly LiveTarget[],
  { ctx, out, paths }: Environment,
  options: EndOptions,
): ReturnType<typeof killAll> {
  const work = { verb: "saving", items: found.length, bytes: null }
  const reporter = showProgress(out, work)
  const countdown = killCountdown(out)
  try {
    const { confirmAll } = options
    const killing = {
      ...options,
      exporting: { paths, md5: false, unchanged: "read" as const, version, reporter },
      onTerm: forbidImmediateExit,
      onWait: (left: number) => countdown.wait(left),
      onEnd: () => countdown.end(),
    }
    const result =
      confirmAll === undefined
        ? await killAll(found, ctx, killing)
        : await killGroup(found, ctx, { ...killing, confirmAll })
    if (!result.interrupted && !options.dryRun) await processAfterActs(paths, version, ctx)
    return result
  } finally {
    allowImmediateExit()
  }
}

/** Resume only looks. */
export async function refuseToSave(): Promise<never> {
  throw new RescueError("INTERNAL", "resume does not save the session", "use: session-rescue --export")
}
