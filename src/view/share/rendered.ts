import type { RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { RenderingRecord } from "../../operations/render/rendering.ts"
import type { ShareReport } from "../../operations/share/redactor.ts"
import { documentEnd, documentHead } from "../render/document.ts"
import { printHtml } from "../render/html.ts"
import { element } from "../render/tree.ts"
import { count, shortPath } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { secretFacts } from "./secrets.ts"

export interface Rendered {
  readonly id: string
  readonly folder: string
  readonly title: string | null
  readonly messages: number
  readonly pages: number
  readonly damaged: number
  readonly report: ShareReport | null
}

export interface RenderView {
  readonly rendered: readonly Rendered[]
  readonly failures: readonly { readonly id: string; readonly error: RescueError }[]
  /** The list of sessions that was written; null: none. */
  readonly index: string | null
}

export function renderDocument({ rendered, failures, index }: RenderView, warnings: readonly string[]) {
  return {
    schemaVersion,
    rendered: rendered.map(({ id, folder, messages, pages, damaged, report }) => ({
      ...{ id, folder, messages, pages, damaged },
      secrets: report === null ? null : report.secrets.map(secretFacts),
    })),
    failures: failures.map(({ id, error }) => ({ id, error: errorDocument(error).error })),
    index,
    warnings,
  }
}

export function showRendered({ rendered, failures, index }: RenderView, home: string, out: Output): void {
  for (const { id, title, folder, messages, pages, damaged } of rendered) {
    const about = [
      `${count(messages, "message")} on ${count(pages, "page")}`,
      ...(damaged === 0 ? [] : [`${count(damaged, "damaged place")}`]),
    ].join(", ")
    const name = title === null ? "" : ` ${sanitize(title)}`
    out.print(`${out.paint.green("rendered")} ${shortId(id)}${name}: ${about}`)
    out.print(`         ${sanitize(shortPath(`${folder}/index.html`, home))}`)
  }
  for (const { id, error } of failures) {
    out.print(`${out.paint.red("FAILED")}   ${sanitize(id)}: ${sanitize(error.message)}`)
    out.print(`         ${sanitize(error.hint)}`)
  }
  if (index !== null) out.print(`${out.paint.green("list")}     ${sanitize(shortPath(index, home))}`)
  if (rendered.length + failures.length === 0)
    out.print(
      "Nothing was rendered: no session was found here, and none was exported.\nNext: session-rescue doctor   (says which homes are searched)",
    )
  const first = index ?? (rendered[0] === undefined ? null : `${rendered[0].folder}/index.html`)
  if (first !== null) out.print(`Next: open ${sanitize(shortPath(first, home))} in a browser`)
}

/** The list of all renderings in a folder, without its end, which holds its checksum. */
export function renderingList(records: readonly RenderingRecord[]): string {
  const items = records.map(({ id, title, firstPrompt, agent, messages, damaged, renderedAt, shared }) =>
    element(
      "li",
      {},
      element("a", { href: `${id}/index.html` }, title ?? firstPrompt ?? `Session ${id}`),
      element(
        "p",
        { class: "where" },
        [
          ...[id, agent, `${messages} messages and calls`],
          ...(damaged === 0 ? [] : [`${damaged} damaged places`]),
          ...(shared ? ["secrets blacked out, best effort"] : []),
          `rendered ${renderedAt.slice(0, 16).replace("T", " ")}Z`,
        ].join(" · "),
      ),
    ),
  )
  const list = element("ul", { class: "cards" }, ...items)
  return `${documentHead("Sessions")}${printHtml(element("h1", {}, "Sessions"))}\n${printHtml(list)}\n${documentEnd}`
}
