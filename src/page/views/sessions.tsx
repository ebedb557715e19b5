import type { VNode } from "preact"
import type { About, StatusDocument, StatusRow } from "../data/documents.ts"
import { sessionHref } from "../data/route.ts"
import { ageOf, folderOf, sizeOf } from "../data/words.ts"

/** Days before the client deletes a session, from which on it is said. */
const soonMs = 7 * 86_400_000

export function isPurgedSoon({ purgeAt }: StatusRow): boolean {
  return purgeAt !== null && Date.parse(purgeAt) - Date.now() < soonMs
}

export function SessionsPage({ about, status }: { about: About; status: StatusDocument | null }): VNode {
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
        {sessions.map((row) => (
          <Row key={`${row.id} ${row.pid} ${row.cwd}`} row={row} home={about.home} />
        ))}
      </ul>
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
  const { id, title, cwd, need, agent, lastActivity, saved, contextPercent, sizeBytes, pid, tty } = row
  const name = title ?? (id === null ? "no id yet" : `Session ${id.slice(0, 8)}`)
  const facts = [
    folderOf(cwd, home),
    agent,
    tty ?? (pid === null ? null : `pid ${pid}`),
    `active ${ageOf(lastActivity)}`,
    sizeOf(sizeBytes),
    contextPercent === null ? null : `context ${contextPercent} %`,
    savedWords(saved),
  ]
  return (
    <li>
      <span class={`need ${need}`}>{need}</span>{" "}
      {id === null ? <strong>{name}</strong> : <a href={sessionHref(id)}>{name}</a>}
      {isPurgedSoon(row) ? <span class="need shrunk">deleted {purgeWords(row)}</span> : null}
      <p class="where">{facts.filter((each) => each !== null).join(" · ")}</p>
    </li>
  )
}

export function purgeWords({ purgeAt }: StatusRow): string {
  if (purgeAt === null) return "never"
  const days = Math.ceil((Date.parse(purgeAt) - Date.now()) / 86_400_000)
  return days <= 0 ? "at any time" : `in ${days} ${days === 1 ? "day" : "days"}`
}

function savedWords({ kind, at }: StatusRow["saved"]): string {
  return kind === "none" ? "not saved" : `${kind}${at === null ? "" : `, ${ageOf(at)}`}`
}
