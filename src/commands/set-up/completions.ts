import { exitCodes, RescueError } from "../../domain/errors.ts"
import { writeStdout } from "../../system/terminal/stdout.ts"
import { completionScript, shells, startUpLines } from "../../view/setup/completions.ts"
import { systemOutput } from "../../view/terminal/output.ts"
import { command, jsonFlag } from "../framework/command.ts"

export default command(
  "completions",
  "Print the completion script of a shell",
  {
    shell: {
      type: "positional",
      required: true,
      valueHint: shells.join("|"),
      description: `In its start-up file: ${startUpLines.bash.split("   #")[0]}`,
    },
    ...jsonFlag,
  },
  shells.map((shell) => `session-rescue completions ${shell}`),
  async (parsed) => {
    const shell = shells.find((each) => each === parsed.names[0])
    if (shell === undefined || parsed.names.length > 1) {
      const message = `completions takes one shell: ${shells.join(", ")}`
      throw new RescueError("USAGE", message, "for example: session-rescue completions bash")
    }
    const json = parsed.flags.has("json")
    const out = systemOutput({ json, put: writeStdout })
    const script = completionScript(shell)
    if (json) out.print(JSON.stringify({ schemaVersion: 1, shell, script }, null, 2))
    else writeStdout(script)
    if (out.columns !== null && !json) out.note(`Next, in a start-up file: ${startUpLines[shell]}`)
    return exitCodes.done
  },
)
