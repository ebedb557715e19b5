import { RescueError } from "../../domain/errors.ts"
import { pullAll } from "../../operations/team/fetch/pull.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { pullDocument, showPull } from "../../view/team/pull.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"
import { projectFlag } from "../framework/narrow-flags.ts"

export default command(
  "pull",
  "Fetch a session from your team's archive into your own, verified",
  {
    session: { type: "positional", required: false, description: "Id of the session (4 digits suffice)" },
    project: {
      type: "string",
      valueHint: "FOLDER",
      description: "Every session of this folder, or with this text in its path",
    },
    owner: { type: "string", valueHint: "NAME", description: "Only what this owner has pushed" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue pull 01e5af14",
    "session-rescue pull --project ~/work/shop",
    "session-rescue pull 01e5af14 --owner bob --json",
  ],
  async (parsed, signal) => {
    const [session, ...more] = parsed.names
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal, [])
    const project = projectFlag(parsed, { paths, files: ctx.files, now: ctx.now })
    const choice = session === undefined ? (project === null ? null : { project }) : { session }
    if (choice === null || (session !== undefined && project !== null) || more.length > 0)
      throw new RescueError("USAGE", "pull needs one session, or --project", "see session-rescue pull --help")
    const remote = await openRemote(config.team, ctx.plugins, ctx)
    const reporter = showProgress(out, { verb: "pulling", items: 0, bytes: null })
    const owner = stringFlag(parsed, "owner")
    const report = await pullAll(
      remote,
      { ...choice, owner },
      { paths, plugins: ctx.plugins, signal, reporter, warn: ctx.warn },
    )
    if (json) out.print(JSON.stringify(pullDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showPull(report, paths.home, out)
    }
    return worst({
      interrupted: report.interrupted,
      failed: report.exports.some(({ status }) => status === "failed"),
    })
  },
)
