import type { Command } from "./command.ts"

/** Every command there is; each is loaded only when asked for. */
export const commands: Record<string, () => Promise<{ default: Command }>> = {
  status: () => import("./status.ts"),
  export: () => import("./export.ts"),
  resume: () => import("./resume.ts"),
  kill: () => import("./kill.ts"),
  plugin: () => import("./plugin.ts"),
  act: () => import("./act.ts"),
}

/** Without a command this one runs. */
export const defaultCommand = "status"
