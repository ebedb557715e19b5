import { screenOn } from "../system/screen.ts"
import type { SystemOutput } from "../view/output.ts"
import type { Prompts } from "../view/prompts.ts"
import { promptsOn } from "../view/prompts-on-terminal.ts"
import { asciiOnly } from "../view/typography.ts"

/** Questions on the terminal this program was started on; ask only where `canAsk`. */
export function systemPrompts({ unicode, paint }: SystemOutput, signal: AbortSignal): Prompts {
  const output = screenOn(process.stdout, unicode ? (text) => text : asciiOnly)
  return promptsOn({ input: process.stdin, output, signal, unicode, paint })
}
