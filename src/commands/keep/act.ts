import { RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { newestFirst, scanAll } from "../../pipeline/scan.ts"
import { actOnAll, findActPlugin } from "../../pipeline/user-acts.ts"
import { actDocument, showActs } from "../../view/export/acts.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "act",
  "Run one of your own act plugins on the given sessions",
  {
    names: {
      type: "positional",
      required: true,
      description: "The plugin's name, then ids, terminals, pids, titles or folders",
    },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue act note 01e5af14", "session-rescue act note pts/3 pts/4 --json"],
  async (parsed, signal) => {
    const [name, ...sessionNames] = parsed.names
    if (name === undefined || sessionNames.length === 0) {
      throw new RescueError(
        "USAGE",
        "act needs the name of a plugin and a session",
        "list both: session-rescue plugin list, session-rescue --status",
      )
    }
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const plugin = await findActPlugin(name, ctx.plugins)
    const named = await selectNamed(sessionNames, await detectAll(ctx, null), {
      paths,
      ctx,
      verb: `act ${name}`,
    })
    const { sessions } = await scanAll(named, ctx)
    const acts = await actOnAll(plugin, newestFirst(sessions), ctx, { paths, version, md5: false })
    if (json) out.print(JSON.stringify(actDocument(acts, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showActs(acts, out)
    }
    return worst({ interrupted: acts.interrupted, failed: acts.failures.length > 0 })
  },
)
