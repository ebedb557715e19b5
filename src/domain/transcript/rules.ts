/** Transcripts as their clients read them: lines, records, the chain between them, what is wrong, and what repairs it. */
import type { JsonEdit } from "./json-scan.ts"

export type JsonRecord = Readonly<Record<string, unknown>>

/** What an agent's rules say of one record. */
export interface TranscriptRecordFacts {
  /** Two records with one id are one to the client; null: it has none. */
  readonly id: string | null
  /** The id of the record it follows, null for one that begins a chain; undefined where records are not chained. */
  readonly parent: string | null | undefined
  /** Of the main conversation; null for bookkeeping, and for the conversation of a subagent. */
  readonly speaker: "user" | "assistant" | null
  /** The chain it belongs to: the main one is "". */
  readonly chain: string
  /** Several records with one group are one message to the model. */
  readonly group: string | null
  /** Ids of the tool calls in it, and of the calls that it holds results of. */
  readonly calls: readonly string[]
  readonly results: readonly string[]
  /** Milliseconds since 1970. */
  readonly time: number | null
  /** The id of the last record of the conversation, where a client noted that. */
  readonly leaf: string | null
  /** What came before it is no longer sent to the model. */
  readonly isCompaction: boolean
  /** The version of the client that wrote it. */
  readonly version: string | null
}

/** A part of a record that the API behind the client refuses, with the change that makes it acceptable. */
export interface RefusedPart {
  readonly kind: "empty-content" | "refused-image"
  readonly why: string
  /** The first version of the client that is known to take care of it by itself; undefined: none is. */
  readonly handledSince?: string
  /** Versions from the first to before the second that do not. */
  readonly unhandled?: readonly [string, string]
  readonly edit: JsonEdit
}

/** A file as it was before the agent changed it. */
export interface KeptFile {
  readonly path: string
  /** Relative to the client's home; null: it did not exist yet. */
  readonly copy: string | null
}

/** What a client makes of damage by itself. */
export interface ClientReading {
  /** It goes on with the record before, where a link leads nowhere or into a loop. */
  readonly bridges: boolean
  /** It stops where a loop closes, and shows what follows; else it never returns. */
  readonly leavesLoops?: boolean
  /** It reads several records on one line, up to the first stretch that it cannot read. */
  readonly readsGlued: boolean
  /** It also reads a record behind bytes without a brace and a quote on its line, such as zeros. */
  readonly readsBehindNoise?: boolean
  /** It ends a last line that was left open before it writes on. */
  readonly endsLastLine: boolean
  /** It leaves out a call without a result, and a result without a call; else the API refuses them. */
  readonly dropsUnpaired: boolean
  /** It answers a call without a result itself. */
  readonly addsResults?: boolean
  /** It replaces halves of characters itself. */
  readonly replacesHalves: boolean
  /** It reads nothing behind the first line that it cannot parse. */
  readonly stopsAtBroken: boolean
  /** It skips a line that holds `null`; else it gives up the whole file. */
  readonly readsNull: boolean
  /** It takes care of this part by itself: fills in a text, or leaves an image out. */
  handles(part: Pick<RefusedPart, "handledSince" | "unhandled">): boolean
}

/** Words of a conversation whose record is lost. */
export interface SpokenWords {
  readonly id: string
  readonly parent: string | null
  readonly role: "user" | "assistant"
  readonly text: string
  /** Milliseconds since 1970. */
  readonly time: number
}

/** Whose transcript it is, as far as that is known without it. */
export interface SessionIdentity {
  readonly id: string
  readonly cwd: string | null
}

/** How one agent's client reads its transcripts. Pure; never throws, whatever a record holds. */
export interface TranscriptRules {
  readonly agent: string
  /** Whether an object can only be a whole record of this agent, never a part of one. */
  isRecord(value: JsonRecord): boolean
  facts(value: JsonRecord): TranscriptRecordFacts
  refusedParts(value: JsonRecord): readonly RefusedPart[]
  /** The members in which a record keeps the id of the one before it, and its own; empty where there are none. */
  readonly parentKey: string
  readonly idKey: string
  /** Whether records are one chain, each naming the one before it; otherwise the order of the lines is the conversation. */
  readonly isChained: boolean
  /** The last record of the file ends the conversation; else the newest message that no other follows. */
  readonly endsAtLastLine?: boolean
  /** Records with one id and one parent are pieces of one message. */
  readonly joinsPieces?: boolean
  /** What the client gives up at bytes that are not UTF-8: the whole file, the record, or nothing. */
  readonly needsUtf8: "file" | "record" | "nothing"
  /** How the version of the client that wrote the last record copes with damage; null: it is not known. */
  reading(version: string | null): ClientReading
  /** Whether its first record must be of a certain kind. */
  isHead?(value: JsonRecord): boolean
  /** Such a record, where it was lost. */
  lostHead?(near: JsonRecord, session: SessionIdentity): JsonRecord
  /** What has to change in a record that goes to another session. */
  renamed(value: JsonRecord, id: string): readonly JsonEdit[]
  /** The files that a record says were kept, as they were then: where each was, and the name of its copy. */
  keptFiles?(value: JsonRecord): readonly KeptFile[] | null
  /** A record for words that survived without theirs. */
  spoken?(said: SpokenWords, session: SessionIdentity): JsonRecord
  /** The end of a path that says where in its home the client keeps a transcript. */
  readonly keptPlace?: RegExp
  /** Where in its home a transcript is to be that was put together, when nothing says where it was. */
  recoveredPlace?(id: string): string
  /** A record that stands for the lost result of a call, or the lost call of a result; `near` is the record beside it. */
  lostResult(call: string, near: JsonRecord, id: string): JsonRecord
  lostCall(call: string, near: JsonRecord, id: string): JsonRecord
}

export const damageKinds = [
  "torn-line",
  "glued-lines",
  "nul-run",
  "not-json",
  "null-line",
  "line-too-long",
  "two-formats",
  "invalid-utf8",
  "lone-surrogate",
  "no-last-newline",
  "no-first-record",
  "broken-parent",
  "parent-loop",
  "duplicate-id",
  "call-without-result",
  "result-without-call",
  "empty-content",
  "refused-image",
  "out-of-order",
] as const
export type DamageKind = (typeof damageKinds)[number]

/** One kind of damage, where it is, and what it does. */
export interface Damage {
  readonly kind: DamageKind
  readonly count: number
  /** Byte offsets of the first few. */
  readonly offsets: readonly number[]
  /** Bytes that cannot be read, where that is the damage. */
  readonly bytes: number
  /** `lost`: a part of the conversation does not reach the client. `refused`: it cannot go on. `harmless`: it reads past it. */
  readonly effect: "lost" | "refused" | "harmless"
}

/** A file that can be read at any place; it must not change in the meantime. */
export interface ByteSource {
  readonly length: number
  /** Exactly these bytes; valid until the next read. */
  read(from: number, length: number): Uint8Array
}
