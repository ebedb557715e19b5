import { exitCodes, RescueError } from "../../domain/errors.ts"
import { findCandidates } from "../../operations/team/candidates.ts"
import { hasAgreed, rememberAgreement } from "../../operations/team/marks.ts"
import { pushAll } from "../../operations/team/push.ts"
import { openRemote, requireTeam } from "../../operations/team/remote.ts"
import { agreementOf } from "../../operations/team/status.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { askToPush, pushDocument, showPush } from "../../view/team/push.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { systemPrompts } from "../framework/prompts.ts"

export default command(
  "push",
  "Send archived exports of your team's projects to its archive, proved there",
  {
    "dry-run": { type: "boolean", description: "Show what would be sent, and send nothing" },
    yes: { type: "boolean", description: "Agree to the place and the projects without being asked" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue push --dry-run", "session-rescue push", "session-rescue push --yes --json"],
  async (parsed, signal) => {
    const environment = await openEnvironment(parsed, signal, [])
    const { ctx, out, json, warnings, paths, config } = environment
    const dryRun = parsed.flags.has("dry-run")
    const remote = await openRemote(config.team, ctx.plugins, ctx)
    if (!dryRun && !(await agree(environment, parsed.flags.has("yes")))) return exitCodes.done
    const reporter = showProgress(out, { verb: "pushing", items: 0, bytes: null })
    const report = await pushAll(remote, { paths, signal, reporter, warn: ctx.warn, dryRun })
    if (json) out.print(JSON.stringify(pushDocument(report, dryRun, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showPush(report, out)
    }
    const among = (...states: string[]) => report.exports.some(({ status }) => states.includes(status))
    return worst({
      interrupted: report.interrupted,
      refused: among("refused", "conflict") || report.stopped?.code === "STORE_REFUSED",
      failed: among("failed", "later") || report.stopped !== null,
    })
  },
)

/** false: the answer was No. */
async function agree(environment: Environment, yes: boolean): Promise<boolean> {
  const { ctx, out, json, paths, config } = environment
  const settings = requireTeam(config.team)
  const agreement = agreementOf(settings)
  // safety: push-agreed
  if (hasAgreed(paths, agreement)) return true
  if (!yes) {
    if (json || !canPrompt())
      throw new RescueError(
        "REFUSED",
        `nobody has agreed yet that exports go to ${agreement.place}: nothing was sent`,
        "run session-rescue push on a terminal once, or with --yes",
      )
    const { chosen } = findCandidates(paths, settings)
    const bytes = chosen.reduce((sum, each) => sum + each.bytes, 0)
    const reply = await askToPush(
      { ...agreement, exports: chosen.length, bytes },
      out,
      systemPrompts(out, ctx.signal),
    )
    if (typeof reply === "string" || !reply.answer) {
      out.print("Nothing was sent.")
      return false
    }
  }
  await rememberAgreement(paths, agreement)
  return true
}
