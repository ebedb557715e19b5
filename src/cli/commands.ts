import type { Command } from "../commands/framework/command.ts"

type CommandTable = Readonly<Record<string, () => Promise<{ default: Command }>>>

/** Every command there is, in the group in which help lists it; each is loaded only when asked for. */
export const commandGroups = {
  rescue: {
    status: () => import("../commands/status.ts"),
    export: () => import("../commands/export.ts"),
    kill: () => import("../commands/kill.ts"),
    resume: () => import("../commands/resume.ts"),
    restore: () => import("../commands/restore.ts"),
    dismiss: () => import("../commands/dismiss.ts"),
    reap: () => import("../commands/reap.ts"),
    menu: () => import("../commands/menu.ts"),
  },
  find: {
    cxq: () => import("../commands/cxq/cxq.ts"),
    show: () => import("../commands/show.ts"),
    list: () => import("../commands/list.ts"),
    usage: () => import("../commands/usage.ts"),
  },
  keep: {
    cx: () => import("../commands/cx.ts"),
    queue: () => import("../commands/queue.ts"),
    archive: () => import("../commands/archive.ts"),
    verify: () => import("../commands/verify.ts"),
    prune: () => import("../commands/prune.ts"),
    act: () => import("../commands/act.ts"),
  },
  "set up": {
    doctor: () => import("../commands/doctor.ts"),
    setup: () => import("../commands/setup.ts"),
    completions: () => import("../commands/completions.ts"),
    plugin: () => import("../commands/plugin.ts"),
    uninstall: () => import("../commands/uninstall.ts"),
  },
} satisfies Record<string, CommandTable>

export const commands: CommandTable = Object.assign({}, ...Object.values(commandGroups))

/** Without a command this one runs; with nothing typed at all, on a terminal, the menu. */
export const defaultCommand = "status"

/** Commands that can be asked for as flags too, the way their first users know them. */
export const flagCommands: readonly string[] = ["status", "export", "kill", "resume"]
