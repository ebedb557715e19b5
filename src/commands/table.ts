import type { Command } from "./command.ts"

/** Every command there is; each is loaded only when asked for. */
export const commands: Record<string, () => Promise<{ default: Command }>> = {
  status: () => import("./status.ts"),
  export: () => import("./export.ts"),
  resume: () => import("./resume.ts"),
  kill: () => import("./kill.ts"),
  menu: () => import("./menu.ts"),
  completions: () => import("./completions.ts"),
}

/** Without a command this one runs; with nothing typed at all, on a terminal, the menu. */
export const defaultCommand = "status"

/** Commands that can be asked for as flags too, the way their first users know them. */
export const flagCommands: readonly string[] = ["status", "export", "resume", "kill"]
