import { type ExitCode, RescueError } from "../session/errors.ts"
import { canDraw } from "../system/screen.ts"
import { writeOut } from "../system/stdout.ts"
import { menuAsker } from "../view/menu.ts"
import { systemOutput } from "../view/output.ts"
import { command, dataFlag, pluginsFlag } from "./command.ts"
import { openMenuDesk } from "./menu-desk.ts"
import { runMenu } from "./menu-flow.ts"
import { systemPrompts } from "./terminal.ts"

export default command(
  "menu",
  "Leads through a rescue with arrow keys and Enter: see, export, end, resume. Runs by itself on a terminal.",
  {
    all: { type: "boolean", description: "Old and archived sessions too" },
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue", "session-rescue menu --all"],
  async (parsed, signal) => {
    if (!canDraw()) {
      throw new RescueError(
        "REFUSED",
        "there is no terminal here to show a menu on",
        "see what there is: session-rescue --status",
      )
    }
    const out = systemOutput({ json: false, put: writeOut })
    const prompts = systemPrompts(out, signal)
    const desk = await openMenuDesk(parsed, signal, prompts)
    return (await runMenu(menuAsker(prompts, out.paint), desk)) as ExitCode
  },
)
