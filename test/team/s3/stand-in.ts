/** An S3 server in memory: as strict as a real one in what an archive depends on. */
import { createHash } from "node:crypto"

export interface Kept {
  readonly bytes: Buffer
  /** As base64; of an object sent in parts, of its parts' checksums, with their number. */
  readonly checksum: string | null
}
interface Upload {
  readonly key: string
  readonly begun: number
  readonly parts: Map<number, Buffer>
}

const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64")
const hexOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const maxSkewMs = 15 * 60_000

export class StandIn {
  readonly objects = new Map<string, Kept>()
  readonly uploads = new Map<string, Upload>()
  readonly requests: string[] = []
  /** How far its clock is ahead, in milliseconds. */
  clockMs = 0
  pageSize = 3
  #nextUpload = 1
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => this.#answer(request),
  })

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`
  }

  dispose(): void {
    void this.#server.stop(true)
  }

  #now(): number {
    return Date.now() + this.clockMs
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const [, bucket, ...rest] = url.pathname.split("/").map(decodeURIComponent)
    const body = Buffer.from(await request.arrayBuffer())
    this.requests.push(`${request.method} ${rest.at(-1) ?? ""}${url.search.slice(0, 12)}`)
    const answer =
      this.#refusal(request, body) ??
      (bucket !== "team" ? fail(404, "NoSuchBucket") : this.#perform(request, rest.join("/"), body))
    answer.headers.set("date", new Date(this.#now()).toUTCString())
    return answer
  }

  #refusal({ headers, method }: Request, body: Buffer): Response | null {
    const said = headers.get("authorization") ?? ""
    if (!said.startsWith("AWS4-HMAC-SHA256 Credential=alice/")) return fail(403, "InvalidAccessKeyId", method)
    const stamp = headers.get("x-amz-date") ?? ""
    const at = Date.parse(stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"))
    if (!(Math.abs(at - this.#now()) < maxSkewMs)) return fail(403, "RequestTimeTooSkewed", method)
    if (headers.get("x-amz-content-sha256") !== hexOf(body)) return fail(400, "XAmzContentSHA256Mismatch")
    const checksum = headers.get("x-amz-checksum-sha256")
    return checksum !== null && checksum !== sumOf(body) ? fail(400, "BadDigest") : null
  }

  #perform(request: Request, key: string, body: Buffer): Response {
    const { method, headers } = request
    const { searchParams: query } = new URL(request.url)
    const createOnly = headers.get("if-none-match") === "*"
    const uploadId = query.get("uploadId")
    if (method === "GET" && key === "") return query.has("uploads") ? this.#uploads(query) : this.#list(query)
    if (method === "POST" && query.has("uploads")) return this.#begin(key)
    if (uploadId !== null) {
      const upload = this.uploads.get(uploadId)
      if (upload?.key !== key) return fail(404, "NoSuchUpload")
      if (method === "PUT") return put(upload, Number(query.get("partNumber")), body)
      if (method === "GET") return listParts(upload)
      if (method === "POST") return this.#complete(uploadId, upload, { createOnly, body: body.toString() })
      this.uploads.delete(uploadId)
      return new Response(null, { status: 204 })
    }
    if (method === "PUT") {
      if (createOnly && this.objects.has(key)) return fail(412, "PreconditionFailed")
      this.objects.set(key, { bytes: body, checksum: headers.get("x-amz-checksum-sha256") })
      return new Response(null, { headers: { etag: `"${hexOf(body).slice(0, 32)}"` } })
    }
    if (method === "DELETE") {
      this.objects.delete(key)
      return new Response(null, { status: 204 })
    }
    return read(this.objects.get(key), request)
  }

  #list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? ""
    const after = query.get("continuation-token") ?? ""
    const names = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    const page = names.slice(0, this.pageSize)
    const more = names.length > page.length
    const entries = page.map((key) => {
      const size = this.objects.get(key)?.bytes.length
      return `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${size}</Size></Contents>`
    })
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ""
    return xml(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${entries.join("")}</ListBucketResult>`,
    )
  }

  #uploads(query: URLSearchParams): Response {
    const entries = [...this.uploads].flatMap(([id, { key, begun }]) =>
      key.startsWith(query.get("prefix") ?? "")
        ? `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date(begun).toISOString()}</Initiated></Upload>`
        : [],
    )
    return xml(`<ListMultipartUploadsResult>${entries.join("")}</ListMultipartUploadsResult>`)
  }

  #begin(key: string): Response {
    const id = `upload-${this.#nextUpload++}`
    this.uploads.set(id, { key, begun: this.#now(), parts: new Map() })
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }

  #complete(
    id: string,
    { key, parts }: Upload,
    { createOnly, body }: { createOnly: boolean; body: string },
  ): Response {
    if (createOnly && this.objects.has(key)) return fail(412, "PreconditionFailed")
    const listed = [...body.matchAll(/<PartNumber>(\d+)<.*?<ChecksumSHA256>(.*?)</g)]
    const found = listed.map(([, number, sum]) => ({ bytes: parts.get(Number(number)), sum }))
    if (found.length === 0 || found.some(({ bytes, sum }) => bytes === undefined || sumOf(bytes) !== sum))
      return fail(400, "InvalidPart")
    const all = found.flatMap(({ bytes }) => bytes ?? [])
    const sums = all.map((bytes) => createHash("sha256").update(bytes).digest())
    this.objects.set(key, {
      bytes: Buffer.concat(all),
      checksum: `${sumOf(Buffer.concat(sums))}-${all.length}`,
    })
    this.uploads.delete(id)
    return xml("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
  }
}

function put(upload: Upload, number: number, body: Buffer): Response {
  upload.parts.set(number, body)
  return new Response(null, { headers: { etag: `"${number}"`, "x-amz-checksum-sha256": sumOf(body) } })
}

function listParts({ parts }: Upload): Response {
  const entries = [...parts].map(
    ([number, bytes]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>"${number}"</ETag><ChecksumSHA256>${sumOf(bytes)}</ChecksumSHA256></Part>`,
  )
  return xml(`<ListPartsResult>${entries.join("")}</ListPartsResult>`)
}

function read(kept: Kept | undefined, { method, headers }: Request): Response {
  if (kept === undefined) return fail(404, "NoSuchKey", method)
  const etag = `"${hexOf(kept.bytes).slice(0, 32)}"`
  if ((headers.get("if-match") ?? etag) !== etag) return fail(412, "PreconditionFailed", method)
  const from = Number(/bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1] ?? 0)
  const said = {
    etag,
    ...(headers.get("x-amz-checksum-mode") === "ENABLED" && kept.checksum !== null
      ? { "x-amz-checksum-sha256": kept.checksum }
      : {}),
  }
  if (method === "HEAD")
    return new Response(null, { headers: { ...said, "content-length": `${kept.bytes.length}` } })
  if (from > 0 && from >= kept.bytes.length) return fail(416, "InvalidRange")
  return new Response(Uint8Array.from(kept.bytes.subarray(from)), {
    status: from > 0 ? 206 : 200,
    headers: said,
  })
}

function xml(text: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    headers: { "content-type": "application/xml" },
  })
}

function fail(status: number, code: string, method = "GET"): Response {
  return new Response(method === "HEAD" ? null : `<Error><Code>${code}</Code></Error>`, { status })
}
