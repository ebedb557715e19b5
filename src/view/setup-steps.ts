import type { Output } from "./output.ts"
import { pad, plain } from "./plain.ts"
import type { SetupView } from "./setup.ts"

const said = { written: "write", updated: "update", removed: "remove" } as const

export function showSteps(view: SetupView, out: Output): void {
  for (const step of view.steps) {
    const plan =
      view.dryRun && step.action in said ? `would ${said[step.action as keyof typeof said]}` : step.action
    const paint = step.action === "failed" || step.action === "kept" ? out.paint.yellow : out.paint.green
    const why = step.why === null ? "" : ` (${plain(step.why)})`
    out.print(`${paint(pad(plan, 13))} ${plain(step.name)}  ${out.paint.dim(plain(step.path))}${why}`)
  }
}
