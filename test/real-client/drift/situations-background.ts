import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { tellSessions } from "../background.ts"
import type { Situation } from "./situations.ts"

interface Job {
  readonly state: string
  readonly short: string
}

/** The jobs of the background service, as their own files say. */
function jobsIn(home: string): Job[] {
  return globSync(join(home, ".claude/jobs/*/state.json")).flatMap((file) => {
    try {
      const { state } = JSON.parse(readFileSync(file, "utf8")) as { state: string }
      return [{ state, short: file.split("/").at(-2) ?? "" }]
    } catch {
      return [] // half written
    }
  })
}

export const inBackground: readonly Situation[] = [
  {
    name: "a session in the background, stopped",
    folder: "background",
    suits: ({ background }) => background,
    async drive({ ground, look }, folder) {
      tellSessions(ground)
      const terminal = await ground.terminal(folder)
      await terminal.line("claude --bg 'look into it @@hang'")
      await until("it to ask", () => ground.api.asked("look into it"), { show: terminal.screen })
      const job = await until("its job", () => jobsIn(ground.home).find(({ state }) => state === "working"), {
        show: terminal.screen,
      })
      await look()
      await terminal.line(`clear; claude stop ${job.short}; echo e''nd`)
      await terminal.shows(/^end$/m)
      await until("it to be stopped", () => jobsIn(ground.home).every(({ state }) => state !== "working"), {
        show: terminal.screen,
      })
      await look()
    },
  },
]
