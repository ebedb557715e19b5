import { chosenIn, fits, type Prompt } from "./multi-select-choice.ts"
import { drawPick } from "./multi-select-render.ts"
import type { ListChoice, Terminal } from "./prompts.ts"

/**
 * clack's headless list with a filter, drawn by ourselves: the line under the cursor shows without colours too, and
 * Enter without a mark takes it, so that arrow keys and Enter are enough.
 */
export async function pickSeveral<T>(
  message: string,
  choices: readonly ListChoice<T>[],
  terminal: Terminal,
): Promise<readonly T[] | symbol> {
  const { AutocompletePrompt } = await import("@clack/core")
  const { limitOptions, symbol } = await import("@clack/prompts")
  const { input, output, signal } = terminal
  const options = choices.map(({ value, label }) => ({ value, label }))
  const byValue = new Map(choices.map((choice) => [choice.value, choice]))
  const prompt: Prompt<T> = new AutocompletePrompt<{ value: T; label: string }>({
    options,
    multiple: true,
    filter: (typed, { value }) => fits(typed.toLowerCase(), byValue.get(value)),
    validate: () => (prompt.filteredOptions.length === 0 ? "Nothing fits: delete what you typed" : undefined),
    input,
    output,
    signal,
    render: () => drawPick(message, prompt, byValue, terminal, { limitOptions, symbol }),
  })
  const answer = await prompt.prompt()
  if (typeof answer === "symbol") return answer
  return chosenIn(prompt, byValue)
}
