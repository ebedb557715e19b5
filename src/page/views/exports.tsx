import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { ExportRow, ExportsDocument, StatusDocument } from "../data/documents.ts"
import { sessionHref } from "../data/route.ts"
import { ageOf, folderOf, sizeOf } from "../data/words.ts"
import { isPurgedSoon, purgeWords, savedWords } from "./sessions.tsx"

const maxSoon = 200

/** What is saved, when that was verified, and what the client is about to delete. */
export function ExportsPage({ home, status }: { home: string; status: StatusDocument | null }): VNode {
  const [list, setList] = useState<ExportsDocument | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    ask<ExportsDocument>("/api/exports").then(setList, (error: Error) => setTrouble(error.message))
  }, [])
  const soon = (status?.sessions ?? [])
    .filter(isPurgedSoon)
    .toSorted((a, b) => ((a.purgeAt ?? "") < (b.purgeAt ?? "") ? -1 : 1))
  return (
    <main>
      <h1>Exports and archives</h1>
      <h2>About to be deleted by the client</h2>
      {status === null ? <p>Looking …</p> : null}
      {status !== null && soon.length === 0 ? <p>No session within 7 days.</p> : null}
      <ul class="rows">
        {soon.slice(0, maxSoon).map((row) => (
          <li key={row.id}>
            <a href={sessionHref(row.id ?? "")}>{row.title ?? `Session ${row.id?.slice(0, 8)}`}</a>
            <p class="where">
              deleted {purgeWords(row)} · {savedWords(row.saved)} · save it:{" "}
              <code>session-rescue export {row.id?.slice(0, 8)}</code>
            </p>
          </li>
        ))}
      </ul>
      {soon.length <= maxSoon ? null : (
        <p class="where">
          {soon.length - maxSoon} more: <code>session-rescue status</code> lists them.
        </p>
      )}
      <h2>Saved</h2>
      <p class="where" role="status">
        {trouble ??
          (list === null
            ? "Reading …"
            : `${list.exports.length} shown${list.leftOff === 0 ? "" : `, ${list.leftOff} more`}`)}
      </p>
      <ul class="rows">
        {(list?.exports ?? []).map((row) => (
          <Export key={row.name} row={row} home={home} />
        ))}
      </ul>
    </main>
  )
}

function Export({ row, home }: { row: ExportRow; home: string }): VNode {
  const { id, title, name, state, cwd, bytes, exportedAt, verifiedAt } = row
  const said = title ?? name
  const facts = [
    ...[folderOf(cwd, home), sizeOf(bytes), `exported ${ageOf(exportedAt)}`],
    verifiedAt === null ? "not verified" : `verified ${ageOf(verifiedAt)}`,
  ]
  return (
    <li>
      <span class="need">{state}</span> {id === null ? said : <a href={sessionHref(id)}>{said}</a>}
      <p class="where">{facts.join(" · ")}</p>
    </li>
  )
}
