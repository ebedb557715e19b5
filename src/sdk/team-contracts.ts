import type { ProgramResult } from "../domain/session/program-result.ts"
import type { Files } from "../system/fs/files.ts"
import type { SqlConnection, SqlPlace } from "../system/net/sql.ts"
import type { SharedFolder } from "../system/net/team-folder.ts"
import type { OptionKinds } from "./option-kinds.ts"

/**
 * Keeps objects by name where several machines reach them: a shared folder, object storage. The config selects one
 * (`[team.store] plugin = "…"`). It moves bytes; what is sent, in which order, encrypted or not, and the proof that it
 * arrived are the host's. A failure that time fixes (offline, busy, not mounted) is a `RescueError` with the code
 * `STORE_UNAVAILABLE`, one that a person has to fix `STORE_REFUSED`.
 */
export interface StorePlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "store"
  /**
   * Creates the object, and never replaces one: `exists` when the name is taken, whatever it holds. Returns once the
   * object is durable. One that was cut off must not be visible.
   */
  put(name: string, object: StoreObject, ctx: StoreContext): Promise<"stored" | "exists">
  /** The object's bytes from `from` on; throws `DAMAGED` when there is no such object. */
  open(name: string, from: number, ctx: StoreContext): AsyncIterable<Uint8Array>
  /** Every object whose name begins with `prefix`, page by page, in any order. */
  list(prefix: string, ctx: StoreContext): AsyncIterable<readonly StoredObject[]>
  /** null when there is no such object. */
  head(name: string, ctx: StoreContext): Promise<StoredObject | null>
  /** Not an error when there is no such object. */
  remove(name: string, ctx: StoreContext): Promise<void>
}

/** What is to be stored: read in any order, and again for a retry. */
export interface StoreObject {
  readonly length: number
  /** Of all bytes, hexadecimal. */
  readonly sha256: string
  /** Returns fewer bytes than asked only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
}

export interface StoredObject {
  readonly name: string
  readonly length: number
  /** As the store computed it from what it holds; null: it says nothing, and the host reads the object back. */
  readonly sha256: string | null
  /** The checksum of an object sent in parts: SHA-256 of the parts' SHA-256 sums, hexadecimal. */
  readonly parts?: { readonly bytes: number; readonly sha256: string }
}

/** What a store plugin may do. It may write and connect anywhere, as a user's plugin may. */
export interface StoreContext {
  readonly files: Files
  log(message: string): void
  run(program: readonly string[], options?: { readonly input?: string }): Promise<ProgramResult>
  readonly paths: { readonly home: string; readonly data: string }
  readonly signal: AbortSignal
  /** The values under `[team.store]` in the config file, checked against the `options` that the plugin declares. */
  readonly options: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  now(): number
  delay(milliseconds: number): Promise<void>
  /** Whether nobody but its owner may read or write the file: others could take a secret from it. */
  isPrivate(path: string): boolean
  /** A folder that other machines and users may share. */
  sharedFolder(path: string): SharedFolder
  /**
   * An HTTP request, without following redirects. Rejects with the system's error when there is no answer. `ca`: a file
   * with the authority to trust instead of the system's.
   */
  request(request: Request, trust?: { readonly ca?: string }): Promise<Response>
}

/**
 * Keeps the parts of a team's conversations where several machines search them: a search engine, a database. The config
 * selects one (`[team.sink] plugin = "…"`). Which parts are sent, without which secrets, and what counts as sent are the
 * host's. A failure that time fixes is a `RescueError` with the code `STORE_UNAVAILABLE`, one that a person has to fix
 * `STORE_REFUSED`.
 */
export interface SinkPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "sink"
  /** Creates what is missing: called before the first parts of a run are added. */
  prepare(ctx: SinkContext): Promise<void>
  /** Another text once everything that was added is gone, or may be: then all is sent again. Asked after `prepare`. */
  identity?(ctx: SinkContext): Promise<string>
  /** Returns once the parts are durable. A part whose id is known, or whose session was forgotten, is left out. */
  add(parts: readonly SinkPart[], ctx: SinkContext): Promise<void>
  /** Removes a session of an owner, for good: parts of it that are added later are left out. Returns how many there were. */
  forget(owner: string, session: string, ctx: SinkContext): Promise<number>
  search(question: SinkQuestion, ctx: SinkContext): Promise<SinkAnswer>
  /** Ends connections. */
  close?(ctx: SinkContext): Promise<void>
}

/** A text, a tool call or a result of a conversation. */
export interface SinkPart {
  /** Hexadecimal; the same from every machine that has the same part of the same owner. */
  readonly id: string
  readonly owner: string
  readonly machine: string
  readonly agent: string
  readonly session: string
  readonly title: string | null
  /** The session's working folder. */
  readonly project: string | null
  readonly role: string
  readonly kind: string
  readonly tool: string | null
  readonly isError: boolean
  /** Milliseconds since 1970. */
  readonly time: number | null
  readonly text: string
  /** The words of the text in order, as questions have them: nothing else is to be searched. */
  readonly words: readonly string[]
}

/** A query: phrases, and what combines them. A phrase of one word is that word. */
export type SinkQuery =
  | { readonly kind: "phrase"; readonly words: readonly string[]; readonly prefix: boolean }
  | { readonly kind: "near"; readonly phrases: readonly SinkPhrase[]; readonly distance: number }
  | { readonly kind: "all"; readonly terms: readonly SinkQuery[]; readonly not: readonly SinkQuery[] }
  | { readonly kind: "any"; readonly terms: readonly SinkQuery[] }
export type SinkPhrase = { readonly words: readonly string[]; readonly prefix: boolean }

export interface SinkQuestion {
  /** null: every part that the filters let through. */
  readonly query: SinkQuery | null
  readonly owner: string | null
  /** Beginnings of session ids; empty: every session. */
  readonly sessions: readonly string[]
  /** Each a folder, itself or with what is below it; empty: every folder. */
  readonly folders: readonly string[]
  /** A part of a folder's path, in any case. */
  readonly folderText: string | null
  readonly role: string | null
  readonly agent: string | null
  readonly tool: string | null
  readonly since: number | null
  /** Excluded. */
  readonly until: number | null
  readonly limit: number
}

export interface SinkAnswer {
  /** The best first; of equally good ones the newest first. */
  readonly hits: readonly Omit<SinkPart, "words">[]
  readonly total: number
}

/** What a sink plugin may do. It may write and connect anywhere, as a user's plugin may. */
export interface SinkContext extends Omit<StoreContext, "sharedFolder"> {
  /** A connection to a PostgreSQL server. Rejects with the system's or the server's error. */
  sql(place: SqlPlace): SqlConnection
}
