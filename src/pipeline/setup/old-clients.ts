import type { Context } from "../context.ts"
import { detectAll } from "../detect.ts"
import { surveyImportant } from "../survey.ts"

/**
 * Clients before 2.1 run what is typed as !`command` behind any slash command with an output in it, ours or not
 * (seen in 1.0.100 and 2.0.60; 2.1.197 quotes it). null where none of them runs here.
 */
export async function warnOfOldClients(ctx: Context): Promise<string | null> {
  const { sessions } = await surveyImportant(await detectAll(ctx, null), ctx)
  const live = sessions.filter((session) => session.process !== null)
  const old = live
    .flatMap((session) => session.version ?? [])
    .find((version) => /^(0|1|2\.0)\./.test(version))
  return old === undefined
    ? null
    : `a client ${old} runs here: before 2.1 it runs by itself what is typed as !\`command\` behind a slash command`
}
