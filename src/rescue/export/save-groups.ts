import type { ExportResult, SavePlan } from "../../domain/export/export.ts"
import { type SaveOptions, save } from "./save.ts"
import { SaveGroup } from "./save-group.ts"

interface Folder {
  readonly options: SaveOptions
  readonly group: SaveGroup
}

/** The sessions of a run that wait for their flush: a group for each agent, because each has folders of its own. */
export class SaveGroups {
  readonly #optionsOf: (agent: string) => SaveOptions
  readonly #folders = new Map<string, Folder>()
  #staged = Promise.withResolvers<void>()

  constructor(optionsOf: (agent: string) => SaveOptions) {
    this.#optionsOf = optionsOf
  }

  /** `alone`: by itself, at once. */
  save(plan: SavePlan, alone: boolean): Promise<ExportResult> {
    const { options, group } = this.#folder(plan.session.agent)
    return alone ? save(plan, options) : group.save(plan)
  }

  /** Resolves when the next session is staged and waits. */
  nextStaged(): Promise<void> {
    this.#staged = Promise.withResolvers()
    return this.#staged.promise
  }

  get isWaiting(): boolean {
    return this.#groups.some(({ isWaiting }) => isWaiting)
  }

  /** Whether those that wait should be flushed now. */
  get isDue(): boolean {
    return this.#groups.some(({ isDue }) => isDue)
  }

  async commit(): Promise<void> {
    for (const group of this.#groups) await group.commit()
  }

  abandon(error: unknown): void {
    for (const group of this.#groups) group.abandon(error)
  }

  close(): void {
    for (const group of this.#groups) group.close()
  }

  get #groups(): readonly SaveGroup[] {
    return [...this.#folders.values()].map(({ group }) => group)
  }

  #folder(agent: string): Folder {
    const known = this.#folders.get(agent)
    if (known !== undefined) return known
    const options = this.#optionsOf(agent)
    const folder = { options, group: new SaveGroup(options, () => this.#staged.resolve()) }
    this.#folders.set(agent, folder)
    return folder
  }
}
