import { type ExitCode, exitCodes, isRescueError, unexpected } from "../domain/errors.ts"
import { version } from "../domain/version.ts"
import { refreshCommand } from "../operations/search/refresh-flag.ts"
import { childCommand } from "../operations/watch/children.ts"
import { endUserPlugins } from "../plugin-host/running-workers.ts"
import { exitIfHungUp, ignoreStderrErrors, interruptSignal } from "../system/runtime/signals.ts"
import { canDraw } from "../system/terminal/screen.ts"
import { writeStdout } from "../system/terminal/stdout.ts"
import { showError } from "../view/terminal/error.ts"
import { helpDocument, versionDocument } from "../view/terminal/json.ts"
import { systemOutput } from "../view/terminal/output.ts"
import { commands } from "./commands.ts"
import { parseArguments } from "./parse.ts"
import { route } from "./route.ts"

/** Runs what was typed, and ends the process itself where its terminal is gone. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  ignoreStderrErrors()
  const code = await runTyped(argv)
  exitIfHungUp(code)
  return code
}

/** Whatever goes wrong is said once, here, and becomes the exit code. */
async function runTyped(argv: readonly string[]): Promise<ExitCode> {
  if (argv[0] === "complete" && argv[1] === "--")
    return (await import("./complete.ts")).complete(argv.slice(2))
  const json = argv.includes("--json")
  if (argv[0] === refreshCommand)
    return (await import("../commands/framework/refresh-index.ts")).runBackgroundRefresh()
  if (argv[0] === childCommand) return (await import("../commands/set-up/watch-child.ts")).runWatchChild()
  if (argv[0] === "hook") return (await import("../commands/set-up/hook.ts")).hook(argv.slice(1)) // fails and prints in no case
  try {
    const to = route(argv.length === 0 && canDraw() ? ["menu"] : argv)
    if (to.to === "version") {
      systemOutput({ json, put: writeStdout }).print(
        json ? JSON.stringify(versionDocument(version), null, 2) : version,
      )
      return exitCodes.done
    }
    if (to.to === "help") {
      const { showHelp } = await import("./help.ts")
      if (!json) await showHelp(to.command, systemOutput({ json, put: writeStdout }))
      else {
        const lines: string[] = []
        const out = systemOutput({ json, put: writeStdout })
        await showHelp(to.command, { ...out, print: (text) => lines.push(text) })
        out.print(JSON.stringify(helpDocument(lines.join("\n")), null, 2))
      }
      return exitCodes.done
    }
    const load = commands[to.command]
    if (load === undefined) throw new Error(`the command ${to.command} is missing`)
    const { default: command } = await load()
    const parsed = parseArguments(to.command, command.args, to.rest, command.dashWords)
    return await command.run(parsed, interruptSignal())
  } catch (thrown) {
    const error = isRescueError(thrown)
      ? thrown
      : unexpected(thrown, "please report this; check the sessions with session-rescue --status")
    // an error of standard output itself can only be said elsewhere
    showError(error, json && error.code !== "ANSWER_LOST", systemOutput({ json, put: writeStdout }))
    return error.exitCode
  } finally {
    endUserPlugins()
  }
}
