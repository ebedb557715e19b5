import type { SetupStep } from "../../operations/setup/steps.ts"
import { schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

export interface SetupView {
  readonly steps: readonly SetupStep[]
  readonly remove: boolean
  readonly dryRun: boolean
  /** false: nothing was chosen, and this is a look at what there is to choose. */
  readonly asked: boolean
}

export function setupDocument({ steps, remove, dryRun }: SetupView, warnings: readonly string[]) {
  return { schemaVersion, remove, dryRun, steps, warnings }
}

export function showSetup(view: SetupView, out: Output): void {
  const steps = view.steps.filter(({ action }) => action !== "absent")
  if (steps.length === 0) out.print("Nothing installed by session-rescue was found.")
  showSteps({ ...view, steps }, out)
  out.print(nextStep(view, out))
}

const lingerHint = "   (it ends with your last login; loginctl enable-linger keeps it)"

const undoneActions: readonly SetupStep["action"][] = ["kept", "absent", "failed"]

function nextStep({ steps, remove, dryRun, asked }: SetupView, out: Output): string {
  if (!asked)
    return "Next: session-rescue setup --commands --hooks --mcp --skill --completions --watcher   (or only some of them; --remove removes them)"
  if (dryRun) return nextForReal(out)
  if (steps.some(({ action }) => action === "failed")) return "Next: fix the errors above and run it again"
  const done = (what: string) =>
    steps.some((step) => step.what === what && !undoneActions.includes(step.action))
  if (remove)
    return done("command")
      ? "Next: restart open sessions to drop their slash commands"
      : "Next: session-rescue setup   (what can be set up)"
  const watcher = steps.find(({ what, action }) => what === "watcher" && action !== "kept")
  if (watcher !== undefined && steps.length === 1) {
    const linger = watcher.path.endsWith(".service") ? lingerHint : ""
    return `Next: session-rescue watch --status${linger}`
  }
  if (steps.some(({ path, action }) => path === "crontab" && action === "kept"))
    return "Next: crontab -e, and add the first line above"
  const command = steps.find(({ what, action }) => what === "command" && action !== "kept")
  if (command === undefined && steps.some(({ action }) => action === "kept"))
    return "Next: what was kept was not set up; fix the reason after it and run it again"
  if (command !== undefined) return `Next: in a new session of the client, type ${sanitize(command.name)}`
  if (done("mcp")) return "Next: restart open sessions; then ask the agent what an earlier session said"
  if (done("skill")) return "Next: in a new session, ask the agent what an earlier session said"
  return done("completion") && !done("hooks")
    ? "Next: in a new shell, type session-rescue and press Tab"
    : "Next: nothing to do; the hooks log to hook.log in the data folder"
}

const plannedVerb = { written: "write", updated: "update", removed: "remove" } as const

export function showSteps(view: SetupView, out: Output): void {
  for (const step of view.steps) {
    const plan =
      view.dryRun && step.action in plannedVerb
        ? `would ${plannedVerb[step.action as keyof typeof plannedVerb]}`
        : step.action
    const paint = step.action === "failed" || step.action === "kept" ? out.paint.yellow : out.paint.green
    const why = step.why === null ? "" : ` (${sanitize(step.why)})`
    out.print(`${paint(pad(plan, 13))} ${sanitize(step.name)}  ${out.paint.dim(sanitize(step.path))}${why}`)
    for (const line of step.change ?? []) out.print(out.paint.dim(`${" ".repeat(14)}${sanitize(line)}`))
  }
}
