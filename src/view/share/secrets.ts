import type { SecretHit, ShareReport } from "../../operations/share/redactor.ts"
import { count } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export interface SecretsView {
  readonly id: string
  readonly secrets: readonly SecretHit[]
}

export function secretsDocument({ id, secrets }: SecretsView, warnings: readonly string[]) {
  return { schemaVersion, id, secrets: secrets.map(secretFacts), warnings }
}

export function secretFacts({ kind, document, offset, length }: SecretHit) {
  return { kind, document, offset, length }
}

/** Lists what looks like a secret, by kind and place; the secrets themselves are not printed. */
export function showSecrets({ id, secrets }: SecretsView, out: Output): void {
  for (const secret of secrets) out.print(secretLine(secret))
  const none = "Nothing in it looks like a secret that is known here."
  out.print(
    out.paint.bold(
      secrets.length === 0 ? none : `${count(secrets.length, "place")} in ${id} look like secrets.`,
    ),
  )
  out.print(bestEffort)
  const what = secrets.length === 0 ? "leaves out what only you should see" : "blacks them out"
  out.print(`Next: session-rescue render ${id.slice(0, 8)} --to FOLDER --share   (${what})`)
}

const bestEffort =
  "This is best effort: a list of patterns finds what it describes and nothing else. Read before you share."

/** Said beside every file that is to be shared. */
export function noteShared({ secrets, clientTexts, pictures }: ShareReport, out: Output): void {
  for (const secret of secrets) out.note(`blacked out: ${secretLine(secret)}`)
  const left = [
    ...(clientTexts === 0 ? [] : [`${count(clientTexts, "text")} of the client and its system prompt`]),
    ...(pictures === 0 ? [] : [count(pictures, "picture")]),
  ]
  if (left.length > 0) out.note(`left out: ${left.join(", ")}`)
  out.note(`${count(secrets.length, "secret")} found and blacked out. ${bestEffort}`)
}

function secretLine({ kind, document, offset, length }: SecretHit): string {
  const file = document === "" ? "the transcript" : sanitize(document)
  return `${kind}, ${length} characters, in the record at byte ${offset} of ${file}`
}
