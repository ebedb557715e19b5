import { RescueError } from "../../domain/errors.ts"
import { forgetSession } from "../../operations/team/forget.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { forgetDocument, showForget } from "../../view/team/store.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "forget",
  "Remove a session of yours from your team's archive, never to be pushed again",
  {
    session: { type: "positional", required: true, description: "Id of the session (4 digits suffice)" },
    "dry-run": { type: "boolean", description: "Show what would be removed, and do nothing" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue forget 01e5af14 --dry-run", "session-rescue forget 01e5af14"],
  async (parsed, signal) => {
    const [session, ...more] = parsed.names
    if (session === undefined || more.length > 0)
      throw new RescueError("USAGE", "forget needs one session", "see session-rescue forget --help")
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal, [])
    const remote = await openRemote(config.team, ctx.plugins, ctx)
    const report = await forgetSession(remote, session, {
      paths,
      dryRun: parsed.flags.has("dry-run"),
      warn: ctx.warn,
    })
    if (json) out.print(JSON.stringify(forgetDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showForget(report, out)
    }
    return worst({ failed: report.left.length > 0 })
  },
)
