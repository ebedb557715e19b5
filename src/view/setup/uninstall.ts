import type { Output } from "../terminal/output.ts"
import { plain } from "../terminal/sanitize.ts"
import { type SetupView, showSteps } from "./setup.ts"

export function showUninstall(
  view: SetupView,
  { data, config, purged }: { readonly data: string; readonly config: string; readonly purged: boolean },
  out: Output,
): void {
  showSteps(view, out)
  if (view.steps.some(({ action }) => action === "failed")) {
    out.print("The binary stays until the rest is gone.\nNext: mend what is said above and run it again")
    return
  }
  const kept = purged ? "what is not ours" : "exports and archives"
  out.print(
    `${view.dryRun ? "Would stay" : "Kept"}: ${kept} in ${plain(data)}, and what you wrote in ${plain(config)}`,
  )
  const stays = view.steps.some(({ action }) => action === "kept")
  const next = stays ? "nothing; what is kept above stays" : "nothing; it is gone"
  out.print(view.dryRun ? "Next: the same without --dry-run" : `Next: ${next}`)
}
