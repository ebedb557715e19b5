import { RescueError } from "session-rescue"
import type { S3Client } from "./client.ts"
import { valuesIn } from "./xml.ts"

const maxPages = 100

/**
 * Removes an object with everything that the bucket keeps of it. In a bucket with versions a removal only hides the
 * object: a person who may read versions still reads it. Throws `STORE_REFUSED` when a version stays, with the time until
 * which it is locked.
 */
export async function removeWhole(client: S3Client, name: string): Promise<void> {
  const { headers } = await client.send("DELETE", { name, accept: [200, 204, 404] })
  if (headers.get("x-amz-delete-marker") !== "true") return
  let left = await versionsOf(client, name)
  for (let page = 0; left.length > 0 && page < maxPages; page++) {
    // the data before the markers: while one is left, the marker hides it
    for (const version of left) await removeVersion(client, name, version)
    left = await versionsOf(client, name)
  }
}

async function versionsOf(client: S3Client, name: string): Promise<readonly string[]> {
  const key = client.keyOf(name)
  const query = { versions: "", prefix: key, "encoding-type": "url" }
  const text = await client.text("GET", { query }, "</ListVersionsResult>").catch((error) => {
    throw kept(error, "its older versions cannot be listed (s3:ListBucketVersions)")
  })
  const of = (element: string) =>
    valuesIn(text, element).flatMap((entry) => {
      const [found = ""] = valuesIn(entry, "Key")
      const [version] = valuesIn(entry, "VersionId")
      return version !== undefined && decodeURIComponent(found.replaceAll("+", " ")) === key ? [version] : []
    })
  return [...of("Version"), ...of("DeleteMarker")]
}

async function removeVersion(client: S3Client, name: string, versionId: string): Promise<void> {
  const query = { versionId }
  try {
    await client.send("DELETE", { name, query, accept: [200, 204, 404] })
  } catch (error) {
    const until = await client.send("HEAD", { name, query, accept: [200] }).then(
      ({ headers }) => headers.get("x-amz-object-lock-retain-until-date"),
      () => null,
    )
    throw kept(error, until === null ? "an older version of it stays" : `it is locked until ${until}`)
  }
}

/** It is hidden, and still there. */
function kept(error: unknown, why: string): unknown {
  if (!(error instanceof RescueError) || error.code !== "STORE_REFUSED") return error
  return new RescueError(
    "STORE_REFUSED",
    `it is hidden, and not removed: the bucket keeps versions, and ${why}: ${error.message}`,
    "ask who owns the bucket to remove the versions (s3:DeleteObjectVersion, s3:ListBucketVersions)",
  )
}
