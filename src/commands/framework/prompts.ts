import { screenOn } from "../../system/terminal/screen.ts"
import { asciiOnly, type SystemOutput } from "../../view/terminal/output.ts"
import type { Prompts } from "../../view/terminal/prompts.ts"
import { createPrompts } from "../../view/terminal/terminal-prompts.ts"

/** Questions on the terminal this program was started on; ask only where `canAsk`. */
export function systemPrompts({ unicode, paint }: SystemOutput, signal: AbortSignal): Prompts {
  const output = screenOn(process.stdout, unicode ? (text) => text : asciiOnly)
  return createPrompts({ input: process.stdin, output, signal, unicode, paint })
}
