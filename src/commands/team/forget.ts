import { RescueError } from "../../domain/errors.ts"
import { type ForgetReport, forgetSession } from "../../operations/team/forget.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { openSink } from "../../operations/team-search/sink.ts"
import { forgetDocument, showForget } from "../../view/team/store.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"

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
    const environment = await openEnvironment(parsed, signal, [])
    const { ctx, out, json, warnings, paths, config } = environment
    const remote = await openRemote(config.team, ctx.plugins, ctx)
    const stored = await forgetSession(remote, session, {
      paths,
      dryRun: parsed.flags.has("dry-run"),
      warn: ctx.warn,
    })
    const report = { ...stored, indexed: await forgetIndexed(environment, stored) }
    if (json) out.print(JSON.stringify(forgetDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showForget(report, out)
    }
    return worst({ failed: report.left.length > 0 })
  },
)

/** From the team's index, too; null: it has none. */
async function forgetIndexed(
  { config, ctx }: Environment,
  { session, dryRun }: ForgetReport,
): Promise<number | null> {
  if (dryRun || config.team === null || config.team.sink === null) return null
  const sink = await openSink(config.team, ctx.plugins, ctx)
  try {
    await sink.prepare()
    return await sink.forget(session)
  } finally {
    await sink.close().catch(() => {})
  }
}
