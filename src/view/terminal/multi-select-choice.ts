import type { AutocompletePrompt } from "@clack/core"
import type { ListChoice } from "./prompts.ts"

export type Prompt<T> = AutocompletePrompt<{ value: T; label: string }>

/** Whether a choice goes on being shown under what was typed. */
export function fits<T>(typed: string, choice: ListChoice<T> | undefined): boolean {
  if (choice === undefined) return false
  if (choice.alone) return choice.words.startsWith(typed) // or a few letters of a title would lead to it
  return typed.split(/\s+/).every((word) => choice.words.includes(word))
}

/** What is marked; without a mark what the cursor is on, and a choice that stands alone whatever is marked. */
export function chosenIn<T>(prompt: Prompt<T>, byValue: ReadonlyMap<T, ListChoice<T>>): readonly T[] {
  const { focusedValue, selectedValues } = prompt
  const focused = focusedValue === undefined ? [] : [focusedValue]
  if (focused.some((value) => byValue.get(value)?.alone)) return focused
  const marked = [...byValue.keys()].filter((value) => selectedValues.includes(value))
  return marked.length > 0 ? marked : focused
}
