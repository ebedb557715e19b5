import { RescueError } from "../../domain/errors.ts"
import { canDraw } from "../../system/terminal/screen.ts"
import { type Command, command, dataFlag, pluginsFlag } from "../framework/command.ts"
import { narrowFlags } from "../framework/narrow-flags.ts"
import { runSessionList } from "../menu/session-list.ts"

const processExports: Command["run"] = async (...args) => (await import("../keep/cx.ts")).default.run(...args)

export default command(
  "menu",
  "Open the live list (the default on a terminal): export, end, resume",
  {
    all: { type: "boolean", description: "Read all sessions, however old" },
    project: narrowFlags.project,
    agent: narrowFlags.agent,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue", "session-rescue menu --all", "session-rescue menu --agent codex"],
  async (parsed, signal) => {
    if (!canDraw()) {
      throw new RescueError(
        "USAGE",
        "no terminal to show the menu on",
        "list the sessions: session-rescue --status",
      )
    }
    return runSessionList({ parsed, signal, processExports, stay: false })
  },
)
