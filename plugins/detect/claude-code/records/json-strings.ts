import { leavesOf } from "session-rescue"

/** The same without type tags, and each text once. */
export function wordsOf(value: unknown): string[] {
  const json = JSON.stringify(value, (key, each) => (key === "type" ? undefined : each)) as string | undefined
  return json === undefined ? [] : [...new Set(leavesOf(JSON.parse(json)))]
}
