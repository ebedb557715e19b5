import { count } from "./format.ts"
import { chosenIn, type Prompt } from "./multi-select-choice.ts"
import type { ListChoice, Terminal } from "./prompts.ts"
import { fit } from "./sanitize.ts"
import { listLines } from "./typography.ts"

type Clack = Pick<typeof import("@clack/prompts"), "limitOptions" | "symbol">

/** The list as it stands: its question, what was typed, the lines that fit, and the keys. */
export function drawPick<T>(
  message: string,
  prompt: Prompt<T>,
  byValue: ReadonlyMap<T, ListChoice<T>>,
  terminal: Terminal,
  { limitOptions, symbol }: Clack,
): string {
  const { paint, output } = terminal
  const columns = (output as { columns?: number }).columns ?? 80
  const head = [paint.dim("│"), `${symbol(prompt.state)}  ${message}`]
  if (prompt.state === "cancel") return head.join("\n")
  if (prompt.state === "submit") {
    const chosen = chosenIn(prompt, byValue).flatMap((value) => byValue.get(value) ?? [])
    const [only] = chosen
    const said = chosen.length === 1 && only ? only.label : `${count(chosen.length, "session")} chosen`
    return [...head, `${paint.dim("│")}  ${fit(said, columns - 4)}`].join("\n")
  }
  const bar = paint.cyan("│")
  const typed = prompt.userInput === "" ? paint.dim("(type to filter)") : prompt.userInput
  const fits = prompt.userInput === "" ? "" : paint.dim(` (${prompt.filteredOptions.length} fit)`)
  const body = [`${bar}  ${paint.dim("Search:")} ${typed}${fits}`]
  if (prompt.state === "error") body.push(`${bar}  ${paint.yellow(prompt.error)}`)
  const keys = ["↑/↓ move", "Tab mark several", "Enter choose", "Esc leave"].join(" · ")
  const foot = [`${bar}  ${paint.dim(fit(keys, columns - 4))}`, paint.cyan("└")]
  const lines = limitOptions({
    cursor: prompt.cursor,
    options: prompt.filteredOptions,
    columnPadding: 3,
    maxItems: listLines((output as { rows?: number }).rows ?? 24),
    rowPadding: head.length + body.length + foot.length,
    output,
    style: ({ value, label }, active) => {
      const mark = byValue.get(value)?.alone
        ? " "
        : prompt.selectedValues.includes(value)
          ? paint.green("◼")
          : "◻"
      return `${active ? paint.cyan("❯") : " "} ${mark} ${fit(label, columns - 8)}`
    },
  })
  return [...head, ...body, ...lines.map((line) => `${bar}  ${line}`), ...foot].join("\n")
}
