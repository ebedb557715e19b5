import { exitCodes } from "../../domain/errors.ts"
import { pushAll } from "../../operations/team/push.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { pushDocument, showPush } from "../../view/team/push.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { agreeToSend } from "./agree.ts"

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
    if (!dryRun && !(await agreeToSend(environment, parsed.flags.has("yes")))) return exitCodes.done
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
