import { hasExports } from "../../operations/exports/has-exports.ts"
import { showNoSessions } from "../../view/sessions/status.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Environment } from "../framework/environment.ts"

/** Why there is no list to show, and what to type next. */
export function reportNoSessions({ out, paths, sudoUser, warnings }: Environment): void {
  showWarnings(warnings, out)
  showNoSessions({ home: paths.home, sudoUser, savedBefore: hasExports(paths) }, out)
}
