import type { Command } from "./command.ts"

/** Every command there is; each is loaded only when asked for. */
export const commands: Record<string, () => Promise<{ default: Command }>> = {
  status: () => import("./status.ts"),
  export: () => import("./export.ts"),
  resume: () => import("./resume.ts"),
  kill: () => import("./kill.ts"),
  reap: () => import("./reap.ts"),
  menu: () => import("./menu.ts"),
  list: () => import("./list.ts"),
  verify: () => import("./verify.ts"),
  restore: () => import("./restore.ts"),
  prune: () => import("./prune.ts"),
  queue: () => import("./queue.ts"),
  cx: () => import("./cx.ts"),
  cxq: () => import("./cxq.ts"),
  show: () => import("./show.ts"),
  archive: () => import("./archive.ts"),
  plugin: () => import("./plugin.ts"),
  act: () => import("./act.ts"),
  setup: () => import("./setup.ts"),
  doctor: () => import("./doctor.ts"),
  uninstall: () => import("./uninstall.ts"),
  completions: () => import("./completions.ts"),
}

/** Without a command this one runs; with nothing typed at all, on a terminal, the menu. */
export const defaultCommand = "status"

/** Commands that can be asked for as flags too, the way their first users know them. */
export const flagCommands: readonly string[] = ["status", "export", "resume", "kill"]
