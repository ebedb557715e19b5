import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { newestFirst, scanAll } from "../../pipeline/scan.ts"

/**
 * Clients before 2.1 run what is typed as !`command` behind any slash command with an output in it, ours or not
 * (seen in 1.0.100 and 2.0.60; 2.1.197 quotes it). null where none of them runs here, nor was the last to write.
 */
export async function warnOfOldClients(ctx: RunContext): Promise<string | null> {
  const found = newestFirst(await detectAll(ctx, "claude-code")) // other agents number their versions by themselves
  const asked = found.filter(({ process }, index) => process !== null || index < newestCount)
  const { sessions } = await scanAll(asked, ctx)
  const live = sessions
    .flatMap(({ process, version }) => (process === null ? [] : (version ?? [])))
    .find(isOld)
  const last = newestFirst(sessions).flatMap(({ version }) => version ?? [])[0]
  const does = "clients before 2.1 run !`command` in slash command arguments without asking"
  if (live !== undefined) return `client ${live} is running here: ${does}`
  return last !== undefined && isOld(last) ? `client ${last} wrote the newest session here: ${does}` : null
}

const newestCount = 20

function isOld(version: string): boolean {
  return /^(0|1|2\.0)\./.test(version)
}
