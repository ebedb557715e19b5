import type { AutocompletePrompt } from "@clack/core"
import { count } from "./format.ts"
import { listLines } from "./output.ts"
import type { ListChoice, PromptTerminal } from "./prompts.ts"
import { fitColumns } from "./sanitize.ts"

/**
 * clack's headless list with a filter, drawn by ourselves: the line under the cursor shows without colours too, and
 * Enter without a mark takes it, so that arrow keys and Enter are enough.
 */
export async function multiSelect<T>(
  message: string,
  choices: readonly ListChoice<T>[],
  terminal: PromptTerminal,
): Promise<readonly T[] | symbol> {
  const { AutocompletePrompt } = await import("@clack/core")
  const { limitOptions, symbol } = await import("@clack/prompts")
  const { input, output, signal } = terminal
  const options = choices.map(({ value, label }) => ({ value, label }))
  const byValue = new Map(choices.map((choice) => [choice.value, choice]))
  const prompt: Prompt<T> = new AutocompletePrompt<{ value: T; label: string }>({
    options,
    multiple: true,
    filter: (typed, { value }) => matchesFilter(typed.toLowerCase(), byValue.get(value)),
    validate: () => (prompt.filteredOptions.length === 0 ? "No match: delete what you typed" : undefined),
    input,
    output,
    signal,
    render: () => renderMultiSelect(message, prompt, byValue, terminal, { limitOptions, symbol }),
  })
  const answer = await prompt.prompt()
  if (typeof answer === "symbol") return answer
  return chosenValues(prompt, byValue)
}

type Prompt<T> = AutocompletePrompt<{ value: T; label: string }>

/** Whether a choice goes on being shown under what was typed. */
function matchesFilter<T>(typed: string, choice: ListChoice<T> | undefined): boolean {
  if (choice === undefined) return false
  if (choice.alone) return choice.words.startsWith(typed) // or a few letters of a title would lead to it
  return typed.split(/\s+/).every((word) => choice.words.includes(word))
}

/** What is marked; without a mark what the cursor is on, and a choice that stands alone whatever is marked. */
function chosenValues<T>(prompt: Prompt<T>, byValue: ReadonlyMap<T, ListChoice<T>>): readonly T[] {
  const { focusedValue, selectedValues } = prompt
  const focused = focusedValue === undefined ? [] : [focusedValue]
  if (focused.some((value) => byValue.get(value)?.alone)) return focused
  const marked = [...byValue.keys()].filter((value) => selectedValues.includes(value))
  return marked.length > 0 ? marked : focused
}

type Clack = Pick<typeof import("@clack/prompts"), "limitOptions" | "symbol">

/** The list as it stands: its question, what was typed, the lines that fit, and the keys. */
function renderMultiSelect<T>(
  message: string,
  prompt: Prompt<T>,
  byValue: ReadonlyMap<T, ListChoice<T>>,
  terminal: PromptTerminal,
  { limitOptions, symbol }: Clack,
): string {
  const { paint, output } = terminal
  const columns = (output as { columns?: number }).columns ?? 80
  const head = [paint.dim("│"), `${symbol(prompt.state)}  ${message}`]
  if (prompt.state === "cancel") return head.join("\n")
  if (prompt.state === "submit") {
    const chosen = chosenValues(prompt, byValue).flatMap((value) => byValue.get(value) ?? [])
    const [only] = chosen
    const said = chosen.length === 1 && only ? only.label : `${count(chosen.length, "session")} chosen`
    return [...head, `${paint.dim("│")}  ${fitColumns(said, columns - 4)}`].join("\n")
  }
  const bar = paint.cyan("│")
  const typed = prompt.userInput === "" ? paint.dim("(type to filter)") : prompt.userInput
  const fits = prompt.userInput === "" ? "" : paint.dim(` (${prompt.filteredOptions.length} match)`)
  const body = [`${bar}  ${paint.dim("Search:")} ${typed}${fits}`]
  if (prompt.state === "error") body.push(`${bar}  ${paint.yellow(prompt.error)}`)
  const keys = ["↑/↓ move", "Tab mark several", "Enter choose", "Esc leave"].join(" · ")
  const foot = [`${bar}  ${paint.dim(fitColumns(keys, columns - 4))}`, paint.cyan("└")]
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
      return `${active ? paint.cyan("❯") : " "} ${mark} ${fitColumns(label, columns - 8)}`
    },
  })
  return [...head, ...body, ...lines.map((line) => `${bar}  ${line}`), ...foot].join("\n")
}
