import type { VNode } from "preact"
import { useState } from "preact/hooks"
import type { About, StatusDocument, StatusRow } from "../data/documents.ts"
import { sessionHref } from "../data/route.ts"
import { ageOf, folderOf, sizeOf } from "../data/words.ts"

/** Days before the client deletes a session, from which on it is said. */
const soonMs = 7 * 86_400_000

export function isPurgedSoon({ purgeAt }: StatusRow): boolean {
  return purgeAt !== null && Date.parse(purgeAt) - Date.now() < soonMs
}

/** Rows that are laid out at once; the most urgent are first. */
const rowsAtOnce = 200

export function SessionsPage({ about, status }: { about: About; status: StatusDocument | null }): VNode {
  const [most, setMost] = useState(rowsAtOnce)
  if (status === null)
    return (
      <main>
        <h1>Sessions</h1>
        <p>Looking …</p>
      </main>
    )
  const { sessions, notShown } = status
  return (
    <main>
      <h1>Sessions</h1>
      {sessions.length === 0 ? <p>No session was found; the home is {about.home}.</p> : null}
      <ul class="rows">
        {sessions.slice(0, most).map((row) => (
          <Row key={`${row.id} ${row.pid} ${row.cwd}`} row={row} home={about.home} />
        ))}
      </ul>
      {sessions.length <= most ? null : (
        <p>
          <button type="button" onClick={() => setMost(most + rowsAtOnce)}>
            Show {Math.min(rowsAtOnce, sessions.length - most)} more of {sessions.length}
          </button>
        </p>
      )}
      {notShown === 0 ? null : (
        <p class="where">
          {notShown} older ones are not listed: search finds them, and{" "}
          <code>session-rescue status --all</code> lists them.
        </p>
      )}
    </main>
  )
}

function Row({ row, home }: { row: StatusRow; home: string }): VNode {
  const { id, title, cwd, need, agent, lastActivity, saved, contextPercent, sizeBytes, pid, tty, place } = row
  const name = title ?? (id === null ? "no id yet" : `Session ${id.slice(0, 8)}`)
  const facts = [
    `${row.state} ${row.detail}`,
    folderOf(cwd, home),
    agent,
    place?.name ?? tty ?? (pid === null ? null : `pid ${pid}`),
    `active ${ageOf(lastActivity)}`,
    sizeOf(sizeBytes),
    contextPercent === null ? null : `context ${contextPercent} %`,
    savedWords(saved),
  ]
  return (
    <li>
      <span class={`need ${need}`}>{need}</span>{" "}
      {id === null ? <strong>{name}</strong> : <a href={sessionHref(id)}>{name}</a>}
      {isPurgedSoon(row) ? (
        <>
          {" "}
          <span class="need shrunk">deleted {purgeWords(row)}</span>
        </>
      ) : null}
      <p class="where">{facts.filter((each) => each !== null).join(" · ")}</p>
    </li>
  )
}

export function purgeWords({ purgeAt }: StatusRow): string {
  if (purgeAt === null) return "never"
  const days = Math.ceil((Date.parse(purgeAt) - Date.now()) / 86_400_000)
  return days <= 0 ? "at any time" : `in ${days} ${days === 1 ? "day" : "days"}`
}

export function savedWords({ kind, at }: StatusRow["saved"]): string {
  const words: Readonly<Record<string, string>> = {
    none: "NOT SAVED",
    outdated: "changed since saved",
    empty: "nothing to save yet",
  }
  return `${words[kind] ?? kind}${at === null ? "" : `, ${ageOf(at)}`}`
}
