import { RescueError } from "../../domain/errors.ts"
import { findCandidates } from "../../operations/team/candidates.ts"
import { hasAgreed, rememberAgreement } from "../../operations/team/marks.ts"
import { requireTeam } from "../../operations/team/remote.ts"
import { agreementOf } from "../../operations/team/status.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { askToPush } from "../../view/team/push.ts"
import type { Environment } from "../framework/environment.ts"
import { systemPrompts } from "../framework/prompts.ts"

/** Asks before anything leaves this machine for a place that was not agreed to. false: the answer was No. */
export async function agreeToSend(environment: Environment, yes: boolean): Promise<boolean> {
  const { ctx, out, json, paths, config } = environment
  const settings = requireTeam(config.team)
  const agreement = agreementOf(settings)
  // safety: push-agreed
  if (hasAgreed(paths, agreement)) return true
  if (!yes) {
    if (json || !canPrompt())
      throw new RescueError(
        "REFUSED",
        `nobody has agreed yet that sessions go to ${[agreement.place, agreement.index ?? []].flat().join(" and ")}: nothing was sent`,
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
