/** `handoff`: what another agent needs to go on with a session, chosen by rule and never by a model. */
import type { Part } from "../../domain/conversation/message-part.ts"
import type { ShownItem, ShownPart } from "../../pipeline/indexing/conversation.ts"

export interface Spoken {
  readonly role: "user" | "assistant"
  readonly time: number | null
  readonly text: string
}

export interface CalledTool {
  readonly tool: string
  readonly said: string
  readonly time: number | null
  /** null: it has no result. */
  outcome: "ok" | "failed" | null
}

export interface FailedCall {
  readonly tool: string
  readonly said: string
  readonly time: number | null
  readonly text: string
  /** The same call has worked since. */
  solved: boolean
}

interface TouchedPath {
  readonly path: string
  edits: number
  reads: number
}

/** A conversation in the pieces of which a hand-over is made; each list is in the order of the conversation. */
export interface Condensed {
  readonly prompts: readonly Spoken[]
  /** Prompts between the first and the last ones that were dropped. */
  readonly promptsLeftOut: number
  /** The last messages, and the tool calls between them. */
  readonly tail: readonly (Spoken | CalledTool)[]
  readonly files: readonly TouchedPath[]
  readonly failures: readonly FailedCall[]
  /** What the client wrote when it last compacted the conversation. */
  readonly summary: string | null
  /** The last list of tasks that the model kept, as its tool was called. */
  readonly plan: string | null
  /** Questions at the end of the last answer that nobody has answered. */
  readonly questions: readonly string[]
  /** Calls without a result. */
  readonly unfinished: readonly CalledTool[]
}

const maxPrompts = 60
const maxTail = 60
const maxFailures = 8
const maxTextChars = 12_000

const editing =
  /^(?:edit|multiedit|write|notebookedit|apply_patch|write_file|replace|patch|create|str_replace\w*)$/i
const planning = /^(?:todowrite|todo_write|update_plan|write_todos|todo)$/i
/** Codex's patches name their files in their text. */
const patchHeads = /^\*\*\* (?:Update|Add|Delete) File: (.+)$/gm

/** Reads the conversation once; only what may be handed over is kept. */
export async function condense(items: AsyncIterable<ShownItem>): Promise<Condensed> {
  const condenser = new Condenser()
  let isMain = true
  for await (const item of items) {
    if (item.type === "document") isMain = false
    if (item.type === "part") condenser.add(item, isMain && item.subagent === null)
  }
  return condenser.end()
}

class Condenser {
  readonly #first: Spoken[] = []
  #later: Spoken[] = []
  #left = 0
  #tail: (Spoken | CalledTool)[] = []
  readonly #files = new Map<string, TouchedPath>()
  #failures: FailedCall[] = []
  readonly #open = new Map<string, CalledTool>()
  #summary: string | null = null
  #plan: string | null = null

  add({ part, time }: ShownPart, isMain: boolean): void {
    if (part.kind === "tool_use") this.#call(part, time, isMain)
    else if (part.kind === "tool_result") this.#result(part, time)
    else if (isMain && part.kind === "summary") this.#summary = part.text.slice(0, maxTextChars)
    else if (isMain && part.kind === "text" && (part.role === "user" || part.role === "assistant"))
      this.#say({ role: part.role, time, text: part.text.slice(0, maxTextChars) })
  }

  end(): Condensed {
    const last = this.#tail.findLast((each): each is Spoken => "role" in each)
    return {
      prompts: [...this.#first, ...this.#later],
      promptsLeftOut: this.#left,
      tail: this.#tail,
      files: [...this.#files.values()].toSorted((a, b) => b.edits - a.edits || b.reads - a.reads),
      failures: this.#failures,
      summary: this.#summary,
      plan: this.#plan,
      questions: last?.role === "assistant" ? questionsIn(last.text) : [],
      unfinished: this.#tail.filter((each): each is CalledTool => "outcome" in each && each.outcome === null),
    }
  }

  #say(spoken: Spoken): void {
    this.#tail.push(spoken)
    if (this.#tail.length > maxTail) this.#tail.shift()
    if (spoken.role !== "user") return
    if (this.#first.length < maxPrompts / 4) this.#first.push(spoken)
    else this.#later.push(spoken)
    if (this.#later.length <= (3 * maxPrompts) / 4) return
    this.#later.shift()
    this.#left++
  }

  #call(part: Part, time: number | null, isMain: boolean): void {
    const tool = part.tool ?? "a tool"
    const said = (part.command ?? part.text).slice(0, maxTextChars)
    const isEdit = editing.test(tool)
    for (const path of [...(part.files ?? []), ...pathsInPatch(part)]) this.#touch(path, isEdit)
    if (!isMain) return
    if (planning.test(tool)) this.#plan = part.text.slice(0, maxTextChars)
    const called: CalledTool = { tool, said, time, outcome: null }
    if (part.call !== undefined) this.#open.set(part.call, called)
    this.#tail.push(called)
    if (this.#tail.length > maxTail) this.#tail.shift()
  }

  #touch(path: string, isEdit: boolean): void {
    const known = this.#files.get(path) ?? { path, edits: 0, reads: 0 }
    if (isEdit) known.edits++
    else known.reads++
    this.#files.set(path, known)
  }

  #result(part: Part, time: number | null): void {
    const called = part.call === undefined ? undefined : this.#open.get(part.call)
    if (part.call !== undefined) this.#open.delete(part.call)
    const { tool, said } = called ?? { tool: part.tool ?? "a tool", said: "" }
    const failed = part.isError === true
    if (called !== undefined) called.outcome = failed ? "failed" : "ok"
    if (failed) {
      this.#failures.push({ tool, said, time, text: part.text.slice(0, maxTextChars), solved: false })
      if (this.#failures.length > maxFailures) this.#failures.shift()
      return
    }
    for (const each of this.#failures)
      if (said !== "" && each.tool === tool && each.said === said) each.solved = true
  }
}

function pathsInPatch({ tool, text }: Part): readonly string[] {
  if (tool === undefined || !/patch/i.test(tool)) return []
  return [...text.matchAll(patchHeads)].map(([, path = ""]) => path.trim())
}

/** Sentences that end with a question mark in the last paragraphs; code is no question. */
function questionsIn(text: string): readonly string[] {
  const prose = text.replace(/```[\s\S]*?```/g, " ").slice(-4000)
  const sentences = prose.match(/[^.!?\n]+[.!?]+/g) ?? []
  return sentences
    .map((each) => each.trim())
    .filter((each) => /[?？]$/.test(each))
    .slice(-maxQuestions)
}

const maxQuestions = 5
