import type { Purge } from "../../operations/setup/plan-purge.ts"
import { count, saySize } from "../terminal/format.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { plain } from "../terminal/sanitize.ts"

/** No is the default; Escape and Ctrl-C mean No, too, and then nothing at all is removed. */
export function askToPurge(
  { exports, bytes, onlyCopies, others }: Purge,
  paths: { readonly data: string },
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const lines = [
    `Remove ${count(exports.length, "export")} (${saySize(bytes)}) in ${plain(paths.data)} for good?`,
    onlyCopies === 0
      ? "  Every one is of a session that is still in a client's home."
      : `  ${count(onlyCopies, "of them is the only copy", "of them are the only copies")} there: the session is in no client's home any more.`,
    ...(others === 0
      ? []
      : [
          `  ${count(others, "other file there that was not made by session-rescue stays", "other files there that were not made by session-rescue stay")}.`,
        ]),
  ]
  return prompts.confirm(lines.join("\n"), "Yes, remove them", "No")
}
