import type { Command } from "../commands/framework/command.ts"

/** Every command there is; each is loaded only when asked for. */
export const commands: Record<string, () => Promise<{ default: Command }>> = {
  status: () => import("../commands/status.ts"),
  export: () => import("../commands/export.ts"),
  resume: () => import("../commands/resume.ts"),
  kill: () => import("../commands/kill.ts"),
  reap: () => import("../commands/reap.ts"),
  menu: () => import("../commands/menu/menu.ts"),
  list: () => import("../commands/list.ts"),
  verify: () => import("../commands/verify.ts"),
  restore: () => import("../commands/restore.ts"),
  prune: () => import("../commands/prune.ts"),
  queue: () => import("../commands/queue.ts"),
  cx: () => import("../commands/cx.ts"),
  cxq: () => import("../commands/cxq/cxq.ts"),
  show: () => import("../commands/show.ts"),
  archive: () => import("../commands/archive.ts"),
  plugin: () => import("../commands/plugin.ts"),
  act: () => import("../commands/act.ts"),
  setup: () => import("../commands/setup.ts"),
  doctor: () => import("../commands/doctor.ts"),
  uninstall: () => import("../commands/uninstall.ts"),
  completions: () => import("../commands/completions.ts"),
}

/** Without a command this one runs; with nothing typed at all, on a terminal, the menu. */
export const defaultCommand = "status"

/** Commands that can be asked for as flags too, the way their first users know them. */
export const flagCommands: readonly string[] = ["status", "export", "resume", "kill"]
