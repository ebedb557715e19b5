import type { Part } from "../../domain/conversation/message-part.ts"
import type { ShownItem } from "../../operations/search/show.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"
import { foldText } from "./show-folded.ts"

interface Call {
  readonly part: Part
  result: Part | null
}

/** Width of a call. */
const maxCallWidth = 120
/** Lines of a result, and of a failure. */
const resultLines = 1
const failureLines = 3

/**
 * Prints one line for each tool call with its result. Calls are held until their results are read or another kind of
 * item comes.
 */
export class ToolLines {
  readonly #format: "text" | "md"
  readonly #out: Output
  #calls: Call[] = []

  constructor({ format }: { format: "text" | "md" }, out: Output) {
    this.#format = format
    this.#out = out
  }

  /** Whether the item is a call, or a result of a held call. */
  take({ part }: ShownItem & { type: "part" }): boolean {
    if (part.kind === "tool_use") {
      this.#calls.push({ part, result: null })
      return true
    }
    if (part.kind !== "tool_result") return false
    const call = this.#calls.find((each) => each.part.call === part.call && each.result === null)
    if (part.call === undefined || call === undefined) return false
    call.result = part
    return true
  }

  flush(): void {
    const calls = this.#calls
    this.#calls = []
    for (const call of calls) this.#print(call)
  }

  #print({ part, result }: Call): void {
    const { paint } = this.#out
    const outcome = result === null ? "no result" : result.isError === true ? "FAILED" : "ok"
    const colour = result === null ? paint.yellow : result.isError === true ? paint.red : paint.green
    const name = part.role === "user" ? "!" : sanitize(part.tool ?? "a tool")
    const said = fitColumns(
      sanitize((part.command ?? part.text).slice(0, 4 * maxCallWidth).replace(/\s+/g, " ")),
      maxCallWidth,
    )
    const answer =
      result === null ? [] : foldText(result.text, result.isError === true ? failureLines : resultLines)
    if (this.#format === "md") {
      this.#out.print(`\n- **${name}** ${said === "" ? "" : `\`${said.replaceAll("`", "'")}\` `}→ ${outcome}`)
      return
    }
    this.#out.print(`\n${paint.cyan("●")} ${name}${said === "" ? "" : ` ${said}`} → ${colour(outcome)}`)
    for (const line of answer) this.#out.print(paint.dim(`  ⎿ ${line}`))
  }
}
