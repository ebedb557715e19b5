/** Large objects, in parts: each with its checksum, two in memory, continued where a run before was cut off. */
import { RescueError, type StoreObject } from "session-rescue"
import { isLater } from "./answers.ts"
import { base64Of, sha256Of } from "./checksums.ts"
import type { S3Client } from "./client.ts"
import { createOnly, partBytesFor, readPart } from "./whole.ts"
import { escaped, valuesIn } from "./xml.ts"

/** Parts in memory at once, whatever the object's size. */
const width = 2
const staleMs = 86_400_000

interface Upload {
  readonly name: string
  readonly uploadId: string
}
interface Part {
  readonly number: number
  readonly tag: string
  readonly sum: string
}

/** The object gets its name when the last part is there, and never replaces another. */
export async function putInParts(
  client: S3Client,
  name: string,
  object: StoreObject,
): Promise<"stored" | "exists"> {
  const uploadId = (await findUpload(client, name)) ?? (await beginUpload(client, name))
  const upload = { name, uploadId }
  try {
    const parts = await sendParts(client, upload, object)
    const state = await complete(client, upload, parts)
    // also one whose beginning was answered with a cut: nobody knows its id
    for (const each of await uploadsOf(client, name)) await abort(client, each)
    return state
  } catch (error) {
    const { code } = error as { readonly code?: string }
    // the next push continues it
    if (code !== "STORE_UNAVAILABLE" && code !== "INTERRUPTED") await abort(client, upload)
    throw error
  }
}

async function beginUpload(client: S3Client, name: string): Promise<string> {
  const begun = await client.text(
    "POST",
    { name, query: { uploads: "" }, headers: { "x-amz-checksum-algorithm": "SHA256" } },
    "</InitiateMultipartUploadResult>",
  )
  const [uploadId] = valuesIn(begun, "UploadId")
  if (uploadId === undefined) throw notNow(`the store began an upload of ${name} without an id`)
  return uploadId
}

/** An upload of this object that a run before has left. Older than a day: it is removed, as its parts are paid for. */
async function findUpload(client: S3Client, name: string): Promise<string | null> {
  let newest: Begun | null = null
  for (const upload of await uploadsOf(client, name)) {
    if (client.now() - upload.at > staleMs) await abort(client, upload)
    else if (newest === null || newest.at < upload.at) newest = upload
  }
  return newest?.uploadId ?? null
}

interface Begun extends Upload {
  readonly at: number
}

async function uploadsOf(client: S3Client, name: string): Promise<readonly Begun[]> {
  const query = { uploads: "", prefix: client.keyOf(name) }
  const text = await client
    .text("GET", { query }, "</ListMultipartUploadsResult>")
    .catch(orNothing("", ["STORE_REFUSED"]))
  return valuesIn(text, "Upload").flatMap((upload): Begun[] => {
    const [key] = valuesIn(upload, "Key")
    const [uploadId] = valuesIn(upload, "UploadId")
    const at = Date.parse(valuesIn(upload, "Initiated")[0] ?? "")
    return key === client.keyOf(name) && uploadId !== undefined && !Number.isNaN(at)
      ? [{ name, uploadId, at }]
      : []
  })
}

/** What is there of an upload: number → part. */
async function partsThere(client: S3Client, { name, uploadId }: Upload): Promise<ReadonlyMap<number, Part>> {
  const found = new Map<number, Part>()
  for (let marker: string | undefined = "0"; marker !== undefined; ) {
    const query: Record<string, string> = { uploadId, "part-number-marker": marker }
    const text: string = await client
      .text("GET", { name, query }, "</ListPartsResult>")
      .catch(orNothing("", ["STORE_REFUSED"]))
    for (const part of valuesIn(text, "Part")) {
      const [number = "0"] = valuesIn(part, "PartNumber")
      const [tag = ""] = valuesIn(part, "ETag")
      const [sum = ""] = valuesIn(part, "ChecksumSHA256")
      found.set(Number(number), { number: Number(number), tag, sum })
    }
    const [next]: readonly string[] = valuesIn(text, "NextPartNumberMarker")
    marker = valuesIn(text, "IsTruncated")[0] === "true" && next !== marker ? next : undefined
  }
  return found
}

async function sendParts(client: S3Client, upload: Upload, object: StoreObject): Promise<readonly Part[]> {
  const there = await partsThere(client, upload)
  const size = partBytesFor(object.length)
  const count = Math.ceil(object.length / size)
  const parts: Part[] = []
  let next = 1
  let hasFailed = false
  const sendNext = async (): Promise<void> => {
    for (let number = next++; number <= count && !hasFailed; number = next++) {
      const body = await readPart(object, (number - 1) * size, size)
      const bytes = await sha256Of(body)
      const sum = base64Of(bytes)
      const known = there.get(number)
      const part = known?.sum === sum ? known : await sendPart(client, upload, { number, body, bytes, sum })
      parts.push(part)
    }
  }
  const sending = Array.from({ length: width }, () =>
    sendNext().catch((error) => {
      hasFailed = true
      throw error
    }),
  )
  const [failed] = (await Promise.allSettled(sending)).filter(({ status }) => status === "rejected")
  if (failed?.status === "rejected") throw failed.reason
  return parts.toSorted((a, b) => a.number - b.number)
}

async function sendPart(
  client: S3Client,
  { name, uploadId }: Upload,
  part: {
    readonly number: number
    readonly body: Uint8Array
    readonly bytes: Uint8Array
    readonly sum: string
  },
): Promise<Part> {
  const { number, body, bytes, sum } = part
  const response = await client.send("PUT", {
    ...{ name, body, sum: bytes },
    query: { partNumber: String(number), uploadId },
    headers: { "x-amz-checksum-sha256": sum },
    accept: [200, 404],
  })
  if (response.status === 404) throw notNow(`the upload of ${name} was ended by somebody else`)
  const told = response.headers.get("x-amz-checksum-sha256")
  if (told !== null && told !== sum)
    throw notNow(`the store has another checksum for part ${number} of ${name}`)
  return { number, tag: response.headers.get("etag") ?? "", sum }
}

async function complete(
  client: S3Client,
  { name, uploadId }: Upload,
  parts: readonly Part[],
): Promise<"stored" | "exists"> {
  const listed = parts.map(
    ({ number, tag, sum }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(tag)}</ETag><ChecksumSHA256>${sum}</ChecksumSHA256></Part>`,
  )
  const body = new TextEncoder().encode(
    `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`,
  )
  const patience = client.patience()
  for (;;) {
    const response = await client.send(
      "POST",
      { name, query: { uploadId }, headers: createOnly, body, accept: [200, 404, 412] },
      patience,
    )
    if (response.status === 412) return "exists"
    const text = await response.text().catch(() => "")
    if (text.trimEnd().endsWith("</CompleteMultipartUploadResult>")) return "stored"
    // a lost answer, or a 200 that holds an error: what is there says which
    const { status } = await client.send("HEAD", { name, accept: [200, 404] }, patience)
    if (status === 200) return "exists"
    if (response.status === 404) throw notNow(`the upload of ${name} was ended by somebody else`)
    if (text.includes("<Error>") && !isLater(200, text))
      throw new RescueError(
        "STORE_REFUSED",
        `the store does not complete ${name}: ${valuesIn(text, "Code")[0]}`,
        "see the rules of the bucket",
      )
    await patience.wait(`the store did not complete ${name}`)
  }
}

async function abort(client: S3Client, { name, uploadId }: Upload): Promise<void> {
  await client.send("DELETE", { name, query: { uploadId }, accept: [200, 204, 404] }).catch(() => {})
}

function notNow(message: string): RescueError {
  return new RescueError("STORE_UNAVAILABLE", message, "nothing is lost; run it again")
}

/** For questions that a store need not answer: a right may be missing. */
function orNothing<T>(nothing: T, codes: readonly string[]): (error: { readonly code?: string }) => T {
  return (error) => {
    if (codes.includes(error.code ?? "")) return nothing
    throw error
  }
}
