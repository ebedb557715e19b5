import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../../fixtures/until.ts"
import { backgroundIn, tellSessions } from "../../driving/background.ts"
import { isAlive } from "../../harness/processes.ts"
import type { Situation } from "./situations.ts"

/** The states of the background service's jobs, as their own files say. */
function jobsIn(home: string): Record<string, string> {
  const known = globSync(join(home, ".claude/jobs/*/state.json")).flatMap((file) => {
    try {
      const { state } = JSON.parse(readFileSync(file, "utf8")) as { state: string }
      return [[file.split("/").at(-2) ?? "", state] as const]
    } catch {
      return [] // half written
    }
  })
  return Object.fromEntries(known)
}

export const inBackground: readonly Situation[] = [
  {
    name: "a session in the background, stopped",
    folder: "background",
    suits: ({ background }) => background,
    async drive({ scratch, look }, folder) {
      tellSessions(scratch)
      const terminal = await scratch.terminal(folder)
      await terminal.line("claude --bg 'look into it @@hang'")
      await until("it to ask", () => scratch.api.asked("look into it"), { show: terminal.screen })
      const entry = await backgroundIn(scratch, scratch.folder(folder), "busy")
      const state = () => jobsIn(scratch.home)[entry.short]
      await look()
      await terminal.line(`clear; claude stop ${entry.short}; echo e''nd`)
      await terminal.shows(/^end$/m)
      await until("it to be stopped", () => state() !== "working" && !isAlive(entry.pid), {
        show: () => `${state()}\n${terminal.screen()}`,
      })
      await look()
    },
  },
]
