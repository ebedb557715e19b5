import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { canDraw } from "../../system/terminal/screen.ts"
import { writeStdout } from "../../system/terminal/stdout.ts"
import { menuQuestions } from "../../view/menu/menu.ts"
import { systemOutput } from "../../view/terminal/output.ts"
import { command, dataFlag, pluginsFlag } from "../framework/command.ts"
import { systemPrompts } from "../framework/prompts.ts"
import { MenuActions } from "./actions.ts"
import { runMenu } from "./flow.ts"

export default command(
  "menu",
  "Open the interactive menu (the default on a terminal): export, end, resume",
  {
    all: { type: "boolean", description: "Include old and archived sessions" },
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue", "session-rescue menu --all"],
  async (parsed, signal) => {
    if (!canDraw()) {
      throw new RescueError(
        "REFUSED",
        "no terminal to show the menu on",
        "list the sessions: session-rescue --status",
      )
    }
    const out = systemOutput({ json: false, put: writeStdout })
    const prompts = systemPrompts(out, signal)
    const actions = await MenuActions.open(parsed, signal, prompts)
    return (await runMenu(menuQuestions(prompts, out.paint), actions)) as ExitCode
  },
)
