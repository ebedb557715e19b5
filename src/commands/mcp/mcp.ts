/** The command `mcp`: answers agents about sessions over the Model Context Protocol. It only reads. */

import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import { exitCodeWhenStopped } from "../../system/runtime/signals.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { command, dataFlag, type Parsed, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "mcp",
  "Answer an agent's questions about sessions over stdio (MCP server, read only)",
  { ...pluginsFlag, ...dataFlag },
  ["session-rescue mcp", "session-rescue setup --mcp"],
  run,
)

async function run(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  const environment = await openEnvironment(parsed, signal, ["detect", "classify"])
  if (canPrompt())
    environment.out.note(
      "This is a server for agents: it waits for a client on standard input. Ctrl-D ends it.\nNext: session-rescue setup --mcp   (registers it with the agents on this machine)",
    )
  const { serveMcp } = await import("./serve.ts") // the protocol's library takes longer to load than a command to run
  await serveMcp(environment)
  return signal.aborted ? exitCodeWhenStopped() : exitCodes.done
}
