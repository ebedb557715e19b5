import type { PurgePlan } from "../../operations/setup/plan-purge.ts"
import { count, formatSize } from "../terminal/format.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { type SetupView, showSteps } from "./setup.ts"

export function showUninstall(
  view: SetupView,
  { data, config, purged }: { readonly data: string; readonly config: string; readonly purged: boolean },
  out: Output,
): void {
  showSteps(view, out)
  if (view.steps.some(({ action }) => action === "failed")) {
    out.print(
      "The binary stays until everything else is removed.\nNext: fix the errors above and run it again",
    )
    return
  }
  const kept = purged ? "other files" : "exports and archives"
  out.print(
    `${view.dryRun ? "Would stay" : "Kept"}: ${kept} in ${sanitize(data)}, and what you wrote in ${sanitize(config)}`,
  )
  const stays = view.steps.some(({ action }) => action === "kept")
  const next = stays ? "nothing; what was kept above stays" : "nothing; it is uninstalled"
  out.print(view.dryRun ? nextForReal(out) : `Next: ${next}`)
}

/** No is the default; Escape and Ctrl-C mean No, too, and then nothing at all is removed. */
export function askToPurge(
  { exports, bytes, onlyCopies, others }: PurgePlan,
  paths: { readonly data: string },
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const lines = [
    `Remove ${count(exports.length, "export")} (${formatSize(bytes)}) in ${sanitize(paths.data)} permanently?`,
    onlyCopies === 0
      ? "  Every session is still in a client's home."
      : `  ${count(onlyCopies, "of them is the only copy", "of them are the only copies")} there: the session is no longer in any client's home.`,
    ...(others === 0
      ? []
      : [
          `  ${count(others, "other file there that was not made by session-rescue stays", "other files there that were not made by session-rescue stay")}.`,
        ]),
  ]
  return prompts.confirm(lines.join("\n"), "Yes, remove them", "No")
}
