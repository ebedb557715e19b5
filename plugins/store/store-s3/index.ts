/** Keeps a team's archive in object storage with the S3 API. */
import { definePlugin, type StoredObject } from "session-rescue"
import { toHex } from "./checksums.ts"
import { S3Client } from "./client.ts"
import { readObject } from "./download.ts"
import { putInParts } from "./multipart.ts"
import { partBytesFor, putWhole, wholeBytes } from "./whole.ts"
import { valuesIn } from "./xml.ts"

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
      const [more] = valuesIn(text, "NextContinuationToken")
      token = valuesIn(text, "IsTruncated")[0] === "true" ? more : undefined
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
    await new S3Client(ctx).send("DELETE", { name, accept: [200, 204, 404] })
  },
})
