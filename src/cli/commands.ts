import type { Command } from "../commands/framework/command.ts"

type CommandTable = Readonly<Record<string, () => Promise<{ default: Command }>>>

/** Every command there is, in the group in which help lists it; each is loaded only when asked for. */
export const commandGroups = {
  rescue: {
    status: () => import("../commands/rescue/status.ts"),
    export: () => import("../commands/rescue/export.ts"),
    kill: () => import("../commands/rescue/kill.ts"),
    resume: () => import("../commands/rescue/resume.ts"),
    restore: () => import("../commands/rescue/restore.ts"),
    handoff: () => import("../commands/rescue/handoff.ts"),
    dismiss: () => import("../commands/rescue/dismiss.ts"),
    reap: () => import("../commands/rescue/reap.ts"),
    watch: () => import("../commands/rescue/watch.ts"),
    menu: () => import("../commands/rescue/menu.ts"),
  },
  find: {
    cxq: () => import("../commands/cxq/cxq.ts"),
    show: () => import("../commands/find/show.ts"),
    render: () => import("../commands/find/render.ts"),
    secrets: () => import("../commands/find/secrets.ts"),
    serve: () => import("../commands/serve/serve.ts"),
    list: () => import("../commands/find/list.ts"),
    usage: () => import("../commands/find/usage.ts"),
    mcp: () => import("../commands/mcp/mcp.ts"),
  },
  keep: {
    cx: () => import("../commands/keep/cx.ts"),
    sx: () => import("../commands/keep/sx.ts"),
    queue: () => import("../commands/keep/queue.ts"),
    archive: () => import("../commands/keep/archive.ts"),
    verify: () => import("../commands/keep/verify.ts"),
    prune: () => import("../commands/keep/prune.ts"),
    act: () => import("../commands/keep/act.ts"),
  },
  team: {
    push: () => import("../commands/team/push.ts"),
    pull: () => import("../commands/team/pull.ts"),
    team: () => import("../commands/team/team.ts"),
    forget: () => import("../commands/team/forget.ts"),
  },
  "bring back": {
    recover: () => import("../commands/bring-back/recover.ts"),
    reopen: () => import("../commands/bring-back/reopen.ts"),
    repair: () => import("../commands/bring-back/repair.ts"),
    diff: () => import("../commands/bring-back/diff.ts"),
    pack: () => import("../commands/bring-back/pack.ts"),
    unpack: () => import("../commands/bring-back/unpack.ts"),
  },
  "set up": {
    doctor: () => import("../commands/set-up/doctor.ts"),
    setup: () => import("../commands/set-up/setup.ts"),
    completions: () => import("../commands/set-up/completions.ts"),
    plugin: () => import("../commands/set-up/plugin.ts"),
    uninstall: () => import("../commands/set-up/uninstall.ts"),
  },
} satisfies Record<string, CommandTable>

export const commands: CommandTable = Object.assign({}, ...Object.values(commandGroups))

/** Without a command this one runs; with nothing typed at all, on a terminal, the menu. */
export const defaultCommand = "status"

/** Commands that can be asked for as flags too, the way their first users know them. */
export const flagCommands: readonly string[] = ["status", "export", "kill", "resume"]

/** Flags of a command that have the name of another one: behind that command they are its own. */
export const ownFlags: Readonly<Record<string, readonly string[]>> = {
  sx: ["status"],
  watch: ["status"],
}

/** Other names of flags, as CODITECT's own tools call them. */
export const flagSynonyms: ReadonlyMap<string, string> = new Map([["llm", "agent"]])
