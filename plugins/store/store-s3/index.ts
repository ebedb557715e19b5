/** Keeps a team's archive in object storage with the S3 API. */
import { definePlugin, RescueError, type StoredObject } from "session-rescue"
import { toHex } from "./checksums.ts"
import { S3Client } from "./client.ts"
import { readObject } from "./download.ts"
import { putInParts } from "./multipart.ts"
import { removeWhole } from "./versions.ts"
import { partBytesFor, putWhole, wholeBytes } from "./whole.ts"
import { valuesIn } from "./xml.ts"

/** undefined: that was the last page. `seen`: every token before. Names that are missing from a list would count as not pushed, or as removed. */
function nextToken(page: string, seen: Set<string>): string | undefined {
  const [isTruncated] = valuesIn(page, "IsTruncated")
  if (isTruncated === "false") return undefined
  const [next = ""] = valuesIn(page, "NextContinuationToken")
  // safety: list-whole
  if (isTruncated !== "true" || next === "" || seen.has(next))
    throw new RescueError(
      "STORE_UNAVAILABLE",
      "the store broke its list of names off before the end: it names no next page",
      "nothing was changed; run it again; if it stays so, the server does not list as S3 does",
    )
  seen.add(next)
  return next
}

export default definePlugin({
  name: "store-s3",
  stage: "store",
  options: {
    endpoint: "string",
    bucket: "string",
    region: "string",
    prefix: "string",
    profile: "string",
    patience: "number",
  },
  async put(name, object, ctx) {
    const client = new S3Client(ctx)
    if (object.length <= wholeBytes) return putWhole(client, name, object)
    const { status } = await client.send("HEAD", { name, accept: [200, 404] })
    return status === 200 ? "exists" : putInParts(client, name, object)
  },
  open: (name, from, ctx) => readObject(new S3Client(ctx), name, from),
  async *list(prefix, ctx) {
    const client = new S3Client(ctx)
    const seen = new Set<string>()
    for (let token: string | undefined = ""; token !== undefined; ) {
      const query = {
        ...{ "list-type": "2", prefix: client.keyOf(prefix), "encoding-type": "url" },
        ...(token === "" ? {} : { "continuation-token": token }),
      }
      const text = await client.text("GET", { query }, "</ListBucketResult>")
      yield valuesIn(text, "Contents").flatMap((entry): StoredObject[] => {
        const [key = ""] = valuesIn(entry, "Key")
        const [size = ""] = valuesIn(entry, "Size")
        const name = client.nameOf(decodeURIComponent(key.replaceAll("+", " ")))
        return name === null ? [] : [{ name, length: Number(size), sha256: null }]
      })
      token = nextToken(text, seen)
    }
  },
  async head(name, ctx) {
    const headers = { "x-amz-checksum-mode": "ENABLED" }
    const response = await new S3Client(ctx).send("HEAD", { name, headers, accept: [200, 404] })
    if (response.status === 404) return null
    const length = Number(response.headers.get("content-length"))
    const [sum = "", parts] = (response.headers.get("x-amz-checksum-sha256") ?? "").split("-")
    const sha256 = toHex(sum)
    if (sha256.length !== 64) return { name, length, sha256: null }
    if (parts === undefined) return { name, length, sha256 }
    const bytes = partBytesFor(length)
    // sent in parts of another size by another program: the host reads it back
    if (Number(parts) !== Math.ceil(length / bytes)) return { name, length, sha256: null }
    return { name, length, sha256: null, parts: { bytes, sha256 } }
  },
  async remove(name, ctx) {
    await removeWhole(new S3Client(ctx), name)
  },
})
