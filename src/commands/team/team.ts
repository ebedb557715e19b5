import { exitCodes, RescueError } from "../../domain/errors.ts"
import { teamStatus } from "../../operations/team/status.ts"
import { showTeamStatus, teamStatusDocument } from "../../view/team/store.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "team",
  "Show what of this machine is in your team's archive, and what waits",
  {
    words: { type: "positional", required: false, description: "status" },
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue team status", "session-rescue team status --json"],
  async (parsed, signal) => {
    const [word = "status", ...more] = parsed.names
    if (word !== "status" || more.length > 0)
      throw new RescueError(
        "USAGE",
        `unknown subcommand of team: "${parsed.names.join(" ")}"`,
        "see session-rescue team --help",
      )
    const { out, json, warnings, paths, config } = await openEnvironment(parsed, signal, [])
    const status = teamStatus(config.team, paths)
    if (json) out.print(JSON.stringify(teamStatusDocument(status, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showTeamStatus(status, paths.home, out)
    }
    return exitCodes.done
  },
)
