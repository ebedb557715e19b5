/** A conversation rendered: what `show` yields becomes entries, which are printed as text, Markdown or HTML. */
import { contains, type HitLocation } from "../../domain/conversation/hit-location.ts"
import type { Usage } from "../../domain/conversation/message-part.ts"
import { addTokens, noTokens, type TokenUse } from "../../domain/usage/token-counts.ts"
import type { ShownItem } from "../../operations/search/show.ts"

export type PartItem = ShownItem & { type: "part" }

/** What is printed as one: a message, a call with its result, the start of a file, a damaged place, a turn's tokens. */
export type ShownEntry =
  | (ShownItem & { type: "document" | "damaged" })
  | {
      readonly type: "call"
      readonly item: PartItem
      readonly result: PartItem | null
      readonly place: string
    }
  | { readonly type: "said"; readonly item: PartItem; readonly place: string }
  | { readonly type: "turn"; readonly tokens: TokenUse; readonly document: string }

export function isHit(item: ShownItem, hit: HitLocation | null): boolean {
  return hit !== null && item.type === "part" && contains(item, hit)
}

/**
 * Makes entries of items. Calls are held until their results are read or another kind of item comes. `isPaired`: whether
 * a call or result takes part in that.
 */
export class EntryReader {
  readonly #isPaired: (item: PartItem) => boolean
  readonly #counted = new Set<string>()
  #calls: (ShownEntry & { type: "call" })[] = []
  #turn = new Map<string, Usage>()
  #document = ""
  #lastPlace = ""
  #inRecord = 0

  constructor(isPaired: (item: PartItem) => boolean) {
    this.#isPaired = isPaired
  }

  /** The entries that are complete with this item. */
  read(item: ShownItem): ShownEntry[] {
    if (item.type === "usage") {
      if (!this.#counted.has(item.usage.answer)) this.#turn.set(item.usage.answer, item.usage)
      return []
    }
    const place = this.#placeOf(item)
    if (item.type === "part" && this.#isPaired(item) && this.#take(item, place)) return []
    const done = this.#flush()
    if (item.type === "document") {
      done.push(...this.#endTurn())
      this.#document = item.document
    } else if (isPrompt(item)) done.push(...this.#endTurn())
    done.push(item.type === "part" ? { type: "said", item, place } : item)
    return done
  }

  end(): ShownEntry[] {
    return [...this.#flush(), ...this.#endTurn()]
  }

  #take(item: PartItem, place: string): boolean {
    const { part } = item
    if (part.kind === "tool_use") {
      this.#calls.push({ type: "call", item, result: null, place })
      return true
    }
    if (part.kind !== "tool_result" || part.call === undefined) return false
    const at = this.#calls.findIndex((each) => each.item.part.call === part.call && each.result === null)
    const call = this.#calls[at]
    if (call === undefined) return false
    this.#calls[at] = { ...call, result: item }
    return true
  }

  #flush(): ShownEntry[] {
    const calls = this.#calls
    this.#calls = []
    return calls
  }

  #endTurn(): ShownEntry[] {
    if (this.#turn.size === 0) return []
    let tokens = noTokens
    for (const { answer, input, cacheWrite, cacheRead, output } of this.#turn.values()) {
      tokens = addTokens(tokens, { input, cacheWrite, cacheRead, output, answers: 1 })
      this.#counted.add(answer)
    }
    this.#turn.clear()
    return [{ type: "turn", tokens, document: this.#document }]
  }

  /** The name by which a link finds the part: the place of its record in the file, which no restart changes. */
  #placeOf(item: ShownItem): string {
    if (item.type !== "part") return ""
    const place = placeName(item.document, item.offset)
    this.#inRecord = place === this.#lastPlace ? this.#inRecord + 1 : 0
    this.#lastPlace = place
    return this.#inRecord === 0 ? place : `${place}-${this.#inRecord}`
  }
}

/** The anchor of a record; letters, digits and dashes. */
function placeName(document: string, offset: number): string {
  return document === "" ? `m${offset}` : `${documentName(document)}-m${offset}`
}

/** A short name of a file of the session: `agent-a1b2c3` of `subagents/agent-a1b2c3.jsonl`. */
export function documentName(document: string): string {
  const file = document.slice(document.lastIndexOf("/") + 1).replace(/\.[a-z]+$/, "")
  return file.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 80) || "file"
}

export function isPrompt(item: ShownItem): boolean {
  return item.type === "part" && item.part.kind === "text" && item.part.role === "user"
}
