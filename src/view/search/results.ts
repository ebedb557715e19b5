import type { Answer, Around } from "../../operations/search/search.ts"
import { shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { plain } from "../terminal/sanitize.ts"
import { showHits } from "./hits.ts"
import { showCommands, showFailures, showFiles } from "./lists.ts"
import type { AnswerView } from "./part.ts"
import { showRecent } from "./recent.ts"

export function showAnswer(answer: Answer, around: Around, view: AnswerView, out: Output): void {
  if (answer.is === "recent") showRecent(answer.list, view, out)
  else if (answer.is === "commands") showCommands(answer.list, view, out)
  else if (answer.is === "files") showFiles(answer.list, view, out)
  else if (answer.is === "errors") showFailures(answer.list, view, out)
  else showHits(answer.found, around, view, out)
  if (view.scope !== null) {
    const where = plain(shortPath(view.scope, view.home))
    out.note(
      `Asked for ${where} and below only, as that is where we are: --everywhere asks in every project.`,
    )
  }
}
