/** A real S3 server on loopback: versitygw, where `versitygw.sh` has built it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AwsV4Signer } from "aws4fetch"

const program = join(import.meta.dir, "../../../.cache/team/versitygw-1.8.0")
export const hasVersitygw = existsSync(program)
if (!hasVersitygw)
  console.warn("SKIPPED: versitygw is not built, so no real S3 server was asked: npm run test:team builds it")

const root = { accessKeyId: "root", secretAccessKey: "rootsecret" }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

export class Versitygw {
  readonly #folder: string
  readonly #child: Bun.Subprocess
  readonly url: string

  private constructor(folder: string, child: Bun.Subprocess, url: string) {
    this.#folder = folder
    this.#child = child
    this.url = url
  }

  /** With a bucket called `team`, and users whose secret is their name twice. */
  static async start(users: readonly string[]): Promise<Versitygw> {
    const folder = mkdtempSync(join(tmpdir(), "versitygw-"))
    for (const each of ["data/team", "versions", "iam"]) mkdirSync(join(folder, each), { recursive: true })
    const url = `http://127.0.0.1:${await freePort()}`
    const child = Bun.spawn(
      [
        ...[program, "--port", url.slice("http://".length), "--iam-dir", join(folder, "iam")],
        ...["posix", "--versioning-dir", join(folder, "versions"), join(folder, "data")],
      ],
      {
        env: { ROOT_ACCESS_KEY: root.accessKeyId, ROOT_SECRET_KEY: root.secretAccessKey },
        stdio: ["ignore", "ignore", "ignore"],
      },
    )
    const server = new Versitygw(folder, child, url)
    await server.#answers()
    for (const user of users) {
      const said = ["--access", root.accessKeyId, "--secret", root.secretAccessKey, "--endpoint-url", url]
      const made = Bun.spawnSync([
        ...[program, "admin", ...said, "create-user"],
        ...["--access", user, "--secret", user + user, "--role", "user"],
      ])
      if (made.exitCode !== 0) throw new Error(`versitygw made no user: ${made.stderr.toString()}`)
    }
    return server
  }

  async #answers(): Promise<void> {
    for (let n = 0; n < 200; n++) {
      if (this.#child.exitCode !== null) throw new Error("versitygw ended")
      try {
        await fetch(this.url)
        return
      } catch {
        await Bun.sleep(50) // it has no way to say that it listens
      }
    }
    throw new Error("versitygw does not answer")
  }

  /** As root. */
  async ask(method: string, path: string, body: string | null = null): Promise<Response> {
    const signed = await new AwsV4Signer({
      ...root,
      ...{ method, url: this.url + path, service: "s3", region: "us-east-1" },
      headers: { "x-amz-content-sha256": new Bun.CryptoHasher("sha256").update(body ?? "").digest("hex") },
      ...(body === null ? {} : { body }),
    }).sign()
    return fetch(signed.url, { method, headers: signed.headers, body })
  }

  /** From now on the bucket keeps what is replaced or removed. */
  async keepVersions(): Promise<void> {
    const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    const said = await this.ask("PUT", "/team?versioning", body)
    if (!said.ok) throw new Error(`no versions: ${await said.text()}`)
  }

  /** Everybody named lists and reads what the team has; writes and removes only below the own names. */
  async allow(users: readonly string[], more: readonly string[] = []): Promise<void> {
    const each = users.map((user) => ({
      Effect: "Allow",
      Principal: [user],
      Action: [
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
        ...more,
      ],
      Resource: [`arn:aws:s3:::team/shop/v1/u/${user}/*`, `arn:aws:s3:::team/shop/v1/audit/${user}/*`],
    }))
    const all = [
      {
        Effect: "Allow",
        Principal: users,
        Action: ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"],
        Resource: ["arn:aws:s3:::team"],
      },
      {
        Effect: "Allow",
        Principal: users,
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::team/shop/v1/*"],
      },
    ]
    const policy = { Version: "2012-10-17", Statement: [...each, ...all] }
    const said = await this.ask("PUT", "/team?policy", JSON.stringify(policy))
    if (!said.ok) throw new Error(`no policy: ${await said.text()}`)
  }

  async dispose(): Promise<void> {
    this.#child.kill()
    await this.#child.exited
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
