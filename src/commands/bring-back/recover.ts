import { isRescueError, RescueError } from "../../domain/errors.ts"
import { parseUuid, type SessionId } from "../../domain/session/session-id.ts"
import { version } from "../../domain/version.ts"
import { findLost, findLostId } from "../../operations/recover/lost.ts"
import { type RecoverReport, recoverSession } from "../../operations/recover/recover.ts"
import { recoverDocument, showRecover } from "../../view/recover/recover.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "recover",
  "Put a lost session together from what survives, as a partial export",
  {
    session: { type: "positional", required: false, description: "The session's id (4 digits suffice)" },
    all: {
      type: "boolean",
      description: "Every session with an export whose transcript is gone or has shrunk",
    },
    "dry-run": { type: "boolean", description: "Show what survives, and write nothing" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue recover 01e5af14 --dry-run",
    "session-rescue recover 01e5af14",
    "session-rescue recover --all",
  ],
  async (parsed, signal) => {
    const all = parsed.flags.has("all")
    const [name, more] = parsed.names
    if (more !== undefined || all === (name !== undefined))
      throw new RescueError(
        "USAGE",
        "recover takes one session, or --all",
        "name it: session-rescue recover ID",
      )
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const dryRun = parsed.flags.has("dry-run")
    const ids: readonly SessionId[] =
      name === undefined
        ? await findLost(paths, ctx)
        : [parseUuid(name) ?? (await findLostId(name, paths, ctx))]
    const reports: RecoverReport[] = []
    for (const id of ids) {
      try {
        reports.push(await recoverSession(id, ctx, { paths, version, dryRun, at: new Date() }))
      } catch (error) {
        if (name !== undefined || !isRescueError(error) || error.code === "INTERRUPTED") throw error
        ctx.warn(`${id} was not recovered: ${error.message}`)
      }
    }
    if (json) out.print(JSON.stringify(recoverDocument(reports, dryRun, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      for (const report of reports) showRecover(report, paths.home, dryRun, out)
      if (ids.length === 0)
        out.print("No session with an export lacks its transcript.\nNext: session-rescue list")
    }
    return worst({ failed: reports.length < ids.length || reports.some(({ confirmed }) => !confirmed) })
  },
)
