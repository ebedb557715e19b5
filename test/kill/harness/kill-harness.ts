/** The pipeline's kill in this process, so that a test can act at a certain step of it. */
import { join } from "node:path"
import { describeCaller } from "../../../src/operations/kill/caller.ts"
import { killAll } from "../../../src/operations/kill/kill.ts"
import { type GroupOptions, killGroup } from "../../../src/operations/kill/kill-group.ts"
import type { KillOptions } from "../../../src/operations/kill/save-then-terminate.ts"
import { type LiveTarget, selectLiveSessions } from "../../../src/operations/kill/select-live.ts"
import { detectAll } from "../../../src/pipeline/detect.ts"
import { openMachine } from "../../../src/pipeline/machine.ts"
import type { RunContext } from "../../../src/pipeline/run-context.ts"
import type { Machine } from "../../fixtures/machine.ts"

/** What happens at the steps, and what else is not as usual. */
export interface Steps extends Partial<Omit<GroupOptions, "exporting">> {
  /** Called when a transcript begins to be saved. */
  saving?(): void | Promise<void>
  /** Called when it has been saved. */
  saved?(): void
}

export class KillHarness {
  readonly stop = new AbortController()
  asked = 0
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  async context(): Promise<RunContext> {
    const { home, data } = this.#machine
    const paths = { home, config: "", data, pending: this.pending, archive: join(data, "archive") }
    const { signal } = this.stop
    const config = { homes: [], hungAfterMs: null }
    return (await openMachine(paths, config, { hungAfterMs: null, signal, warnings: [] })).ctx
  }

  get pending(): string {
    return join(this.#machine.data, "sessions-export-pending-anthropic")
  }

  async find(...pids: number[]): Promise<readonly LiveTarget[]> {
    const ctx = await this.context()
    return selectLiveSessions(pids.map(String), await detectAll(ctx, null), ctx, await describeCaller(ctx))
  }

  async kill(found: readonly LiveTarget[], steps: Steps = {}) {
    const ctx = await this.context()
    const { home, data } = this.#machine
    const nothing = () => {}
    const { saving = nothing, saved = nothing, confirm = async () => true, ...more } = steps
    const { confirmAll } = steps
    const options: KillOptions = {
      caller: await describeCaller(ctx),
      exporting: {
        paths: { home, config: "", data, pending: this.pending, archive: join(data, "archive") },
        md5: false,
        unchanged: "read",
        version: "0",
        reporter: { begin: saving, advance: nothing, end: saved },
      },
      graceMs: 10_000,
      tree: false,
      dryRun: false,
      acceptIncomplete: false,
      confirm: (question) => {
        this.asked++
        return confirm(question)
      },
      onTerm: nothing,
      onWait: nothing,
      onEnd: nothing,
      ...more,
    }
    const { reports, interrupted } =
      confirmAll === undefined
        ? await killAll(found, ctx, options)
        : await killGroup(found, ctx, { ...options, confirmAll })
    return { reports, interrupted, outcomes: reports.map((report) => report.outcome) }
  }
}
