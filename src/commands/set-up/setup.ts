import { isAgent } from "../../domain/agent-name.ts"
import { exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { type SetupAgent, setupAgents } from "../../operations/setup/agents.ts"
import { setUpCommands } from "../../operations/setup/commands.ts"
import { type CompletionFacts, setUpCompletions } from "../../operations/setup/completions.ts"
import { ownClientHomes } from "../../operations/setup/homes.ts"
import { setUpHooks } from "../../operations/setup/hooks.ts"
import { warnOfOldClients } from "../../operations/setup/old-clients.ts"
import { setUpServers } from "../../operations/setup/servers.ts"
import { setUpWatcher, type WatcherSetup } from "../../operations/setup/service/watcher.ts"
import { setUpSkills } from "../../operations/setup/skills.ts"
import { isUndone, type SetupFacts, type SetupStep } from "../../operations/setup/steps.ts"
import { watcherStanding } from "../../operations/watch/installed.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { isOnPath, locateSelf } from "../../system/process/self-path.ts"
import { completionScript, shells } from "../../view/setup/completions.ts"
import { setupDocument, showSetup } from "../../view/setup/setup.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, type Parsed } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"
import { narrowFlags } from "../framework/narrow-flags.ts"

const parts = ["commands", "hooks", "mcp", "skill", "completions", "watcher"] as const

export default command(
  "setup",
  "Install slash commands, hooks, MCP server, skill, completions; by default show",
  {
    commands: {
      type: "boolean",
      description: "Install the slash commands /session-rescue, /cx, /cxq and /sx",
    },
    hooks: { type: "boolean", description: "Save a session before it is compacted and when it ends" },
    mcp: { type: "boolean", description: "Let every agent here ask about sessions (session-rescue mcp)" },
    skill: { type: "boolean", description: "Install a skill that tells models when to look something up" },
    completions: { type: "boolean", description: "Install completion files for bash, zsh and fish" },
    watcher: {
      type: "boolean",
      description: "Run session-rescue watch as a service, now and at every login",
    },
    agent: { ...narrowFlags.agent, description: "Only for this agent, such as codex or gemini" },
    remove: { type: "boolean", description: "Remove what setup installed, all or the chosen parts" },
    "dry-run": { type: "boolean", description: "Show what would be done, and do nothing" },
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue setup",
    "session-rescue setup --commands --hooks",
    "session-rescue setup --mcp --skill --dry-run",
    "session-rescue setup --hooks --dry-run",
    "session-rescue setup --watcher",
    "session-rescue setup --remove",
  ],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const chosen = parts.filter((part) => parsed.flags.has(part))
    const remove = parsed.flags.has("remove")
    const dryRun = parsed.flags.has("dry-run") || (chosen.length === 0 && !remove)
    const agent = stringFlag(parsed, "agent")
    const agents = agentsFor(agent, ctx)
    const homes = agent === null || isAgent(agent, "claude-code") ? ownClientHomes(ctx) : []
    // another agent's hooks ask a person for trust: only where that agent was named
    const hooked = remove || agent !== null ? agents : []
    refuseWithoutHome(chosen, { remove, homes, agents, hooked })
    const facts = { homes, agents, hooked, program: remove ? "" : callable(chosen), remove, dryRun }
    const wanted = chosen.length === 0 ? parts : chosen
    const steps = [
      ...(await setUp(wanted, facts, paths.home)),
      ...(wanted.includes("watcher") ? await setUpWatcher(await watcherSetup(facts, parsed, paths)) : []),
    ]
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
  facts: SetupFacts & Record<"agents" | "hooked", readonly SetupAgent[]>,
  home: string,
): Promise<readonly SetupStep[]> {
  return [
    ...(chosen.includes("commands") ? await setUpCommands(facts) : []),
    ...(chosen.includes("hooks") ? await setUpHooks(facts, facts.hooked) : []),
    ...(chosen.includes("mcp") ? await setUpServers(facts.agents, facts) : []),
    ...(chosen.includes("skill") ? await setUpSkills(facts.agents, facts) : []),
    ...(chosen.includes("completions") ? await setUpCompletions(completionFacts(home, facts)) : []),
  ]
}

/** Throws USAGE for an agent that setup does not know, NOTHING_FOUND for one that was never started here. */
function agentsFor(typed: string | null, ctx: RunContext): readonly SetupAgent[] {
  const here = setupAgents(ctx)
  if (typed === null) return here
  const found = here.filter(({ agent }) => isAgent(typed, agent))
  if (found.length > 0) return found
  const all = builtInDetectPlugins().map(({ agent }) => agent)
  if (!all.some((agent) => isAgent(typed, agent)))
    throw new RescueError("USAGE", `unknown agent: "${typed}"`, `known: ${all.toSorted().join(", ")}`)
  const known = here.map(({ agent }) => agent).join(", ")
  throw new RescueError(
    "NOTHING_FOUND",
    `no home of the agent "${typed}" found to set up`,
    known === "" ? "start the agent once" : `start the agent once; found here: ${known}`,
  )
}

function refuseWithoutHome(
  chosen: readonly string[],
  {
    remove,
    homes,
    agents,
    hooked,
  }: { remove: boolean; homes: readonly string[] } & Record<"agents" | "hooked", readonly SetupAgent[]>,
): void {
  if (remove || homes.length > 0) return
  const needsHome = chosen.filter((part) => part !== "completions" && part !== "watcher")
  if (needsHome.length > 0 && agents.length === 0) throw noHome()
  const missing = needsHome.find(
    (part) => part === "commands" || (part === "hooks" && hooked.every(({ hooks }) => hooks === undefined)),
  )
  if (missing === undefined) return
  const where = missing === "commands" ? "Claude Code" : "Claude Code and Codex"
  throw new RescueError(
    "NOTHING_FOUND",
    `--${missing} is for ${where} only, and no home to set up was found`,
    "for the other agents: session-rescue setup --mcp --skill",
  )
}

/** A data folder that only the shell knows is given to the service. */
export async function watcherSetup(
  { program, remove, dryRun }: SetupFacts,
  parsed: Parsed,
  paths: Paths,
): Promise<WatcherSetup> {
  const isNamed = stringFlag(parsed, "data-dir") !== null || Boolean(process.env.SESSION_RESCUE_DATA)
  const { runningVersion } = await watcherStanding(
    paths,
    systemFiles(() => {}),
  )
  return {
    ...{ paths, program, remove, dryRun, environment: process.env },
    dataFolder: isNamed ? paths.data : null,
    isCurrent: runningVersion === version,
  }
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
  if (chosen.some((part) => part === "commands" || part === "skill") && !/^[A-Za-z0-9/._+-]+$/.test(path)) {
    const message = `slash commands and skills cannot call a program at ${path}`
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
