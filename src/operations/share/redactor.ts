/** Makes a conversation fit to be shown to others: secrets blacked out, the home folder written as `~`. Best effort. */
import type { Part } from "../../domain/conversation/message-part.ts"
import { blackOut, findSecrets, type OpenKey } from "../../domain/secrets/find-secrets.ts"
import type { ShownItem } from "../search/show.ts"

/** Something that looks like a secret, and where it is; never the secret itself. */
export interface SecretHit {
  readonly kind: string
  readonly document: string
  /** Offset of the record in its file. */
  readonly offset: number
  /** Its number of characters. */
  readonly length: number
}

/** What was left out or found, for the person who is about to hand out the file. */
export interface ShareReport {
  readonly secrets: readonly SecretHit[]
  /** Texts of the client and of its system prompt that were left out. */
  readonly clientTexts: number
  /** Pictures that were left out: nobody looks into them. */
  readonly pictures: number
}

export class Redactor {
  readonly #secrets: SecretHit[] = []
  readonly #homes: RegExp | null
  readonly #keepsClientTexts: boolean
  readonly #key: OpenKey = { isOpen: false }
  #clientTexts = 0
  #pictures = 0
  #document = ""
  #offset = 0
  /** A kept output comes in pieces: a key may begin in one and end in another. */
  #isText = false

  /** `homes`: the person's home folders, as paths. `clientTexts`: the client's own texts stay. */
  constructor(homes: readonly string[], { clientTexts = false } = {}) {
    this.#homes = homePattern(homes)
    this.#keepsClientTexts = clientTexts
  }

  get report(): ShareReport {
    return { secrets: this.#secrets, clientTexts: this.#clientTexts, pictures: this.#pictures }
  }

  /** The item without secrets; null when it is left out. */
  item(item: ShownItem): ShownItem | null {
    if (item.type === "usage") return item
    this.#document = item.document
    if (item.type === "document") {
      this.#isText = item.form === "text"
      return { ...item, document: this.name(item.document) }
    }
    this.#offset = item.offset
    if (item.type === "damaged") return item
    // safety: share-no-client
    if (!this.#keepsClientTexts && isByClient(item.part)) {
      this.#clientTexts++
      return null
    }
    const { document, subagent } = item
    const part = this.#part(item.part)
    return {
      ...item,
      part,
      document: this.name(document),
      subagent: subagent === null ? null : this.name(subagent),
    }
  }

  /** A text outside of the conversation, such as a title or a path. */
  name(text: string): string {
    return this.#withoutHomes(blackOut(text, findSecrets(text)))
  }

  /** Any text of a record, as it is in its file: its secrets are counted. */
  value(text: string, document: string, offset: number): string {
    this.#document = document
    this.#offset = offset
    this.#isText = false
    return this.#text(text)
  }

  notePicture(): void {
    this.#pictures++
  }

  #part({ edits, pictures, files, tool, command, text, ...rest }: Part): Part {
    if (pictures !== undefined) this.#pictures += Math.max(1, pictures().length)
    const shown = edits?.().map(({ path, before, after }) => ({
      path: this.name(path),
      before: this.#quietly(before),
      after: this.#quietly(after),
    }))
    return {
      ...rest,
      text: this.#text(text), // safety: share-text
      ...(tool === undefined ? {} : { tool: this.name(tool) }),
      ...(command === undefined ? {} : { command: this.#quietly(command) }), // safety: share-command
      ...(files === undefined ? {} : { files: files.map((file) => this.name(file)) }),
      ...(shown === undefined ? {} : { edits: () => shown }), // safety: share-edits
    }
  }

  #text(text: string): string {
    if (!this.#isText) this.#key.isOpen = false
    const found = findSecrets(text, this.#key)
    for (const { kind, from, to } of found)
      this.#secrets.push({ kind, document: this.#document, offset: this.#offset, length: to - from })
    return this.#withoutHomes(blackOut(text, found))
  }

  /** A piece of what `text` holds whole: its secrets are counted there. */
  #quietly(text: string): string {
    return this.#withoutHomes(blackOut(text, findSecrets(text)))
  }

  #withoutHomes(text: string): string {
    return this.#homes === null
      ? text
      : text.replace(this.#homes, (found) => (found.startsWith("-") ? "-~" : "~"))
  }
}

/** The client's own words, and those that it puts before the model; not the mark of a compaction. */
function isByClient({ role, kind }: Part): boolean {
  return role === "system" && kind !== "compaction"
}

/** A home as a path, and as clients write it in the name of a folder: `/home/me` and `-home-me`. */
function homePattern(homes: readonly string[]): RegExp | null {
  const named = homes
    .filter((home) => home.length > 1)
    .flatMap((home) => [home, home.replace(/[^A-Za-z0-9]/g, "-")])
  if (named.length === 0) return null
  const longest = [...new Set(named)].toSorted((a, b) => b.length - a.length)
  return new RegExp(
    `(?:${longest.map((home) => home.replace(/[^A-Za-z0-9/]/g, "\\$&")).join("|")})(?![A-Za-z0-9_])`,
    "g",
  )
}

/** Items as they may be shared. */
export async function* redacted(
  items: AsyncIterable<ShownItem>,
  redactor: Redactor,
): AsyncGenerator<ShownItem> {
  for await (const item of items) {
    const shown = redactor.item(item)
    if (shown !== null) yield shown
  }
}
