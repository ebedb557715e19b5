import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { setupAgents } from "../../operations/setup/agents.ts"
import { setUpCommands } from "../../operations/setup/commands.ts"
import { setUpCompletions } from "../../operations/setup/completions.ts"
import { removePathLine } from "../../operations/setup/forget-path.ts"
import { ownClientHomes } from "../../operations/setup/homes.ts"
import { setUpHooks } from "../../operations/setup/hooks.ts"
import { type PurgePlan, planPurge } from "../../operations/setup/plan-purge.ts"
import { purge, removeHookLog } from "../../operations/setup/purge.ts"
import { removeBinary } from "../../operations/setup/remove-binary.ts"
import { setUpServers } from "../../operations/setup/servers.ts"
import { setUpWatcher } from "../../operations/setup/service/watcher.ts"
import { setUpSkills } from "../../operations/setup/skills.ts"
import type { SetupStep } from "../../operations/setup/steps.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { setupDocument } from "../../view/setup/setup.ts"
import { askToPurge, showUninstall } from "../../view/setup/uninstall.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { count } from "../../view/terminal/format.ts"
import { command, dataFlag, jsonFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { systemPrompts } from "../framework/prompts.ts"
import { completionFacts, watcherSetup } from "./setup.ts"

export default command(
  "uninstall",
  "Remove what install.sh and setup installed; keep exports, archives and config",
  {
    purge: {
      type: "boolean",
      description: "Also delete the exports, archives and index permanently, after a question",
    },
    force: { type: "boolean", description: "Do not ask" },
    "dry-run": { type: "boolean", description: "Show what would be removed, and do nothing" },
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue uninstall --dry-run", "session-rescue uninstall", "session-rescue uninstall --purge"],
  async (parsed, signal) => {
    const environment = await openEnvironment(parsed, signal, [])
    const { ctx, out, json, warnings, paths } = environment
    const dryRun = parsed.flags.has("dry-run")
    const plan = parsed.flags.has("purge") ? await planPurge(paths, ctx) : null
    const refusal =
      plan === null || dryRun || parsed.flags.has("force") ? null : await askOrRefuse(plan, environment)
    if (refusal !== null) return refusal
    const facts = { homes: ownClientHomes(ctx), program: "", remove: true, dryRun }
    const agents = setupAgents(ctx)
    const steps = [
      ...(await setUpWatcher(await watcherSetup(facts, parsed, paths))), // before what it runs is gone
      ...(await setUpCommands(facts)),
      ...(await setUpHooks(facts, agents)),
      ...(await setUpServers(agents, facts)),
      ...(await setUpSkills(agents, facts)),
      ...(await setUpCompletions(completionFacts(paths.home, facts))),
      ...(await removePathLine(paths.home, process.env.ZDOTDIR, dryRun)),
      ...(plan === null ? [] : purge(plan, paths, ctx, dryRun)),
      ...removeHookLog(paths, ctx, dryRun),
    ]
    const failed = steps.some(({ action }) => action === "failed")
    // while something is left to fix, the program that fixes it stays
    const all: readonly SetupStep[] = failed ? steps : [...steps, ...removeBinary(ctx, paths.home, dryRun)]
    const view = { steps: all.filter(({ action }) => action !== "absent"), remove: true, dryRun, asked: true }
    if (json) out.print(JSON.stringify(setupDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showUninstall(view, { data: paths.data, config: paths.config, purged: plan !== null }, out)
    }
    return all.some(({ action }) => action === "failed") ? exitCodes.failed : exitCodes.done
  },
)

/** null after a Yes; else the exit code. */
async function askOrRefuse(
  plan: PurgePlan,
  { out, json, ctx, paths }: Environment,
): Promise<ExitCode | null> {
  if (plan.exports.length === 0) return null
  if (json || !canPrompt()) {
    throw new RescueError(
      "REFUSED",
      `cannot ask for confirmation (no terminal); nothing was removed: ${count(plan.exports.length, "export")} would be deleted permanently`,
      "add --force to remove them without a question, or omit --purge",
    )
  }
  const reply = await askToPurge(plan, paths, systemPrompts(out, ctx.signal))
  if (typeof reply === "object" && reply.answer) return null
  out.print("Nothing was removed.\nNext: session-rescue uninstall   (without --purge: the exports stay)")
  return worst({ interrupted: reply === "leave" })
}
