import type { SinkContext, SinkPart } from "session-rescue"
import { fieldsIn, type OpenSearch } from "./client.ts"
import { refused } from "./place.ts"

/** In each index that we make: another one with the same name is not written to. */
const mark = { session_rescue: 1 }
const alreadyThere = "resource_already_exists_exception"

const keyword = { type: "keyword", ignore_above: 8000 }
const partMapping = {
  _meta: mark,
  dynamic: false,
  // the words are in the text: kept once
  _source: { excludes: ["words"] },
  properties: {
    ...{ owner: keyword, machine: keyword, agent: keyword, session: keyword, project: keyword },
    ...{ role: keyword, kind: keyword, tool: keyword, is_error: { type: "boolean" }, time: { type: "long" } },
    words: { type: "text", analyzer: "whitespace" },
  },
}
const forgottenMapping = { _meta: mark, dynamic: false, properties: { owner: keyword, session: keyword } }

/** The names of a team's indexes: the alias that is searched, an index for each month, and one of forgotten sessions. */
export interface IndexNames {
  readonly alias: string
  readonly forgotten: string
  of(part: Pick<SinkPart, "time">): string
}

export function namesOf(ctx: SinkContext): IndexNames {
  const { index: alias = "session-rescue", period = "month" } = ctx.options as Readonly<
    Record<string, string | undefined>
  >
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(alias))
    throw refused(
      `the index ${JSON.stringify(alias)} under [team.sink] is not valid`,
      "use small letters, digits, . _ and -",
    )
  const length = period === "day" ? 10 : period === "month" ? 7 : null
  if (length === null)
    throw refused(
      `the period ${JSON.stringify(period)} under [team.sink] is not valid`,
      'use "month" or "day"',
    )
  return {
    alias,
    forgotten: `${alias}-forgotten`,
    of: ({ time }) => `${alias}-${dayOf(time)?.slice(0, length) ?? "undated"}`,
  }
}

/** By the time of a part, and not of its sending: a part that is sent again is in the same index. */
function dayOf(time: number | null): string | null {
  const date = time === null ? null : new Date(time)
  const text = date === null || Number.isNaN(date.getTime()) ? null : date.toISOString()
  return text !== null && /^\d{4}-/.test(text) ? text : null
}

/** The indexes that this run knows to be there and ours. */
export class Indexes {
  readonly #client: OpenSearch
  readonly #names: IndexNames
  readonly #known = new Set<string>()

  constructor(client: OpenSearch, names: IndexNames) {
    this.#client = client
    this.#names = names
  }

  async prepare(): Promise<void> {
    const { alias, forgotten } = this.#names
    const { body } = await this.#client.ask("GET", `${alias},${forgotten}/_mapping?ignore_unavailable=true`)
    for (const [name, each] of Object.entries(body)) this.#admit(name, each)
    if (!this.#known.has(forgotten)) await this.#make(forgotten, { mappings: forgottenMapping })
  }

  /** Creates the indexes that are missing for these parts. */
  async makeFor(parts: readonly Pick<SinkPart, "time">[]): Promise<void> {
    const { alias, of } = this.#names
    for (const name of new Set(parts.map(of)))
      if (!this.#known.has(name)) await this.#make(name, { mappings: partMapping, aliases: { [alias]: {} } })
  }

  /** Another one once the index of forgotten sessions, which nothing else removes, was made again. */
  async identity(): Promise<string> {
    const { forgotten } = this.#names
    const { body } = await this.#client.ask("GET", `${forgotten}/_settings`)
    const settings = fieldsIn(fieldsIn(body[forgotten])?.settings)
    return String(fieldsIn(settings?.index)?.uuid ?? "")
  }

  async #make(name: string, how: object): Promise<void> {
    const { status, body } = await this.#client.ask("PUT", name, { body: how, accept: [400] })
    if (status === 400) {
      const { type, reason } = fieldsIn(body.error) ?? {}
      if (type !== alreadyThere)
        throw refused(
          `the index ${name} cannot be made: ${String(type)}: ${String(reason)}`,
          "set another index under [team.sink]",
        )
      // another machine was first
      const { body: found } = await this.#client.ask("GET", `${name}/_mapping`)
      this.#admit(name, found[name])
    }
    this.#known.add(name)
  }

  #admit(name: string, found: unknown): void {
    const meta = fieldsIn(fieldsIn(fieldsIn(found)?.mappings)?._meta)
    // safety: sink-own-mapping
    if (meta?.session_rescue !== mark.session_rescue)
      throw refused(
        `the index ${name} was not made by session-rescue, or by another version of it`,
        "set another index under [team.sink], or remove that one",
      )
    this.#known.add(name)
  }
}
