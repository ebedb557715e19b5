import { exitCodes, RescueError } from "../../domain/errors.ts"
import { setUpCommands } from "../../operations/setup/commands.ts"
import { type CompletionFacts, setUpCompletions } from "../../operations/setup/completions.ts"
import { ownClientHomes } from "../../operations/setup/homes.ts"
import { setUpHooks } from "../../operations/setup/hooks.ts"
import { warnOfOldClients } from "../../operations/setup/old-clients.ts"
import { isUndone, type SetupFacts, type SetupStep } from "../../operations/setup/steps.ts"
import { isOnPath, locateSelf } from "../../system/process/self-path.ts"
import { completionScript, shells } from "../../view/setup/completions.ts"
import { setupDocument, showSetup } from "../../view/setup/setup.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

const parts = ["commands", "hooks", "completions"] as const

export default command(
  "setup",
  "Install slash commands, hooks and completions; by default show what would change",
  {
    commands: { type: "boolean", description: "Install the slash commands /session-rescue, /cx and /cxq" },
    hooks: { type: "boolean", description: "Save a session before the client compacts it, and when it ends" },
    completions: { type: "boolean", description: "Install completion files for bash, zsh and fish" },
    remove: { type: "boolean", description: "Remove what setup installed, all or the chosen parts" },
    "dry-run": { type: "boolean", description: "Show what would be done, and do nothing" },
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue setup",
    "session-rescue setup --commands --hooks",
    "session-rescue setup --hooks --dry-run",
    "session-rescue setup --remove",
  ],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const chosen = parts.filter((part) => parsed.flags.has(part))
    const remove = parsed.flags.has("remove")
    const dryRun = parsed.flags.has("dry-run") || (chosen.length === 0 && !remove)
    const homes = ownClientHomes(ctx)
    if (homes.length === 0 && !remove && chosen.some((part) => part !== "completions")) throw noHome()
    const facts = { homes, program: remove ? "" : callable(chosen), remove, dryRun }
    const steps = await setUp(chosen.length === 0 ? parts : chosen, facts, paths.home)
    const old = remove || !steps.some(({ what }) => what === "command") ? null : await warnOfOldClients(ctx)
    if (old !== null) ctx.warn(old)
    const view = { steps, remove, dryRun, asked: chosen.length > 0 || remove }
    if (json) out.print(JSON.stringify(setupDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showSetup(view, out)
    }
    return steps.some(isUndone) && view.asked ? exitCodes.failed : exitCodes.done
  },
)

async function setUp(
  chosen: readonly (typeof parts)[number][],
  facts: SetupFacts,
  home: string,
): Promise<readonly SetupStep[]> {
  return [
    ...(chosen.includes("commands") ? await setUpCommands(facts) : []),
    ...(chosen.includes("hooks") ? await setUpHooks(facts) : []),
    ...(chosen.includes("completions") ? await setUpCompletions(completionFacts(home, facts)) : []),
  ]
}

/** Of every shell that is here; to be removed, of every one that ever was. */
export function completionFacts(home: string, { remove, dryRun }: SetupFacts): CompletionFacts {
  const here = shells.filter((shell) => remove || isOnPath(shell))
  const scripts = here.map((shell) => ({ shell, script: completionScript(shell) }))
  return { home, environment: process.env, scripts, remove, dryRun }
}

/** How a client's shell calls this program: inside a slash command only a plain path will do. */
function callable(chosen: readonly string[]): string {
  const { path, isBinary } = locateSelf()
  if (!isBinary) {
    throw new RescueError("USAGE", "setup needs the compiled binary", "build it first: bun run build")
  }
  if (chosen.includes("commands") && !/^[A-Za-z0-9/._+-]+$/.test(path)) {
    const message = `the client's slash commands cannot call a program at ${path}`
    throw new RescueError(
      "USAGE",
      message,
      "install it at a path of letters, digits and . _ + - first: see install.sh --help",
    )
  }
  return path
}

function noHome(): RescueError {
  return new RescueError(
    "NOTHING_FOUND",
    "no client home found to set up",
    "start claude once, or give its home: CLAUDE_CONFIG_DIR=/path session-rescue setup",
  )
}
